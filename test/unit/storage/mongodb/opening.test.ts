import { Long, MongoClient, type Document } from 'mongodb';
import { ensureIndexes } from '../../../../src/storage/drivers/mongodb/ensure-indexes.js';
import { openMongo } from '../../../../src/storage/drivers/mongodb/index.js';
import { choicesOf, INDEXES, type DeclaredIndex } from '../../../../src/storage/drivers/mongodb/indexes.js';
import { WireServer, type WireReply, type WireScript } from '../../../support/wire-server.js';

const QUICK = { serverSelectionTimeoutMs: 600, connectTimeoutMs: 500, heartbeatMs: 500, timeoutMs: 1_000 };

let server: WireServer;
afterEach(() => server.stop());

const found = (...documents: Document[]): Document => ({
  ok: 1,
  cursor: { id: Long.ZERO, ns: 'm.c', firstBatch: documents },
});

/** Answers as an empty database does, but where the test's script says otherwise. */
function emptyDatabase(script: WireScript = () => null): WireScript {
  return (command) => script(command) ?? ('find' in command ? found({ _id: 'schema', version: 1 }) : absent(command));
}

function absent(command: Document): WireReply | null {
  return 'listIndexes' in command ? { ok: 0, code: 26, codeName: 'NamespaceNotFound', errmsg: 'no such' } : null;
}

async function start(script?: WireScript): Promise<void> {
  server = await WireServer.start(emptyDatabase(script));
}

const open = (query = '', user = '') =>
  openMongo({ uri: `mongodb://${user}${server.address}/${query}`, database: 'm', ...QUICK });

const refusal = (opening: Promise<unknown>): Promise<string> =>
  opening.then(
    () => 'opened',
    (error: { reason: string; message: string }) => `${error.reason}: ${error.message}`,
  );

describe('opening is refused, and why is told', () => {
  test('when nobody listens', async () => {
    await start();
    const { address } = server;
    await server.stop();
    const told = await refusal(openMongo({ uri: `mongodb://${address}`, database: 'm', ...QUICK }));
    expect(told).toBe(
      `STORAGE_UNAVAILABLE: No primary of the database can be reached: ${address}: connect ECONNREFUSED ${address}`,
    );
    server = await WireServer.start(() => null);
  });

  test('when there is no primary', async () => {
    await start((command) =>
      'hello' in command || 'ismaster' in command
        ? { ...server.greeting(), isWritablePrimary: false, ismaster: false, secondary: true }
        : null,
    );
    expect(await refusal(open('?replicaSet=rs'))).toBe(
      `STORAGE_UNAVAILABLE: No primary of the database can be reached: ${server.address} is RSSecondary`,
    );
  });

  test('when the server is too old', async () => {
    await start((command) =>
      'hello' in command || 'ismaster' in command ? { ...server.greeting(), maxWireVersion: 8 } : null,
    );
    expect(await refusal(open())).toMatch(/MongoDB 4\.4 or newer is needed: .*wire version 8/);
  });

  test('when the credentials are wrong, without telling them', async () => {
    await start((command) =>
      'saslStart' in command
        ? { ok: 0, code: 18, codeName: 'AuthenticationFailed', errmsg: 'Authentication failed.' }
        : null,
    );
    const told = await refusal(open('?authMechanism=SCRAM-SHA-256&authSource=admin', 'bob:s3cret@'));
    expect(told).toBe(
      'STORAGE_UNAVAILABLE: The database refused the credentials of the storage URI: Authentication failed.',
    );
  });

  test('when the user lacks a right', async () => {
    await start((command) =>
      'find' in command ? { ok: 0, code: 13, codeName: 'Unauthorized', errmsg: 'not authorized on m' } : null,
    );
    expect(await refusal(open())).toContain('The database user lacks a right that Marconi needs: not authorized on m');
  });

  test('when no majority confirms', async () => {
    const writeConcernError = {
      code: 100,
      codeName: 'UnsatisfiableWriteConcern',
      errmsg: 'Not enough data-bearing nodes',
    };
    await start((command) => {
      if ('find' in command) return found();
      return 'insert' in command ? { ok: 1, n: 1, writeConcernError } : null;
    });
    expect(await refusal(open())).toContain('not enough nodes for a majority: Not enough data-bearing nodes');
  });

  test.each([
    ['newer', 2, 'schema 2, this Marconi knows schema 1'],
    ['somebody else', undefined, 'schema undefined'],
  ])('when the database belongs to %s', async (_, version, text) => {
    await start((command) => ('find' in command ? found({ _id: 'schema', version }) : null));
    expect(await refusal(open())).toContain(text);
  });

  test('when an index of that name is another one', async () => {
    const other = { v: 2, key: { uid: 1 }, name: 'marker' };
    await start((command) => (command['listIndexes'] === 'messages' ? found(other) : null));
    expect(await refusal(open())).toContain(
      'collection messages has an index "marker" that is not Marconi\'s: drop it',
    );
  });

  test.each([
    ['mongodb://bob:s3:cret@h/m', 'percent-encoded'],
    ['mongodb://bob/x:s3cret@h/m', 'percent-encoded'],
    ['mongodb://bob:s3cret@h/m?tls=maybe', 'tls'],
    ['mongodb://bob:s3cret@h/m?tls=true&tlsCAFile=/no/such/ca.pem', 'no such file'],
    ['mongodb://bob:s3cret@h/m?w=1', 'w=1 weakens'],
  ])('when the URI is %s, without its secrets', async (uri, text) => {
    await start();
    const told = await refusal(openMongo({ uri, database: 'm', ...QUICK }));
    expect(told).toMatch(/^STORAGE_UNAVAILABLE: The storage URI cannot be used/);
    expect(told).toContain(text);
    expect(told).not.toMatch(/s3|cret|bob/);
  });

  test('when the server does not tell its time', async () => {
    await start((command) => {
      const { localTime: _, ...greeting } = server.greeting();
      return 'hello' in command || 'ismaster' in command ? greeting : null;
    });
    expect(await refusal(open())).toBe('STORAGE_UNAVAILABLE: The database does not tell its time.');
  });
});

describe('the indexes', () => {
  const made = () => server.commands.flatMap((command) => (command['indexes'] as Document[] | undefined) ?? []);
  const refused = (code: number): WireReply => ({
    ok: 0,
    code,
    errmsg: 'createIndexes.expireAfterSeconds: not implemented',
  });
  const special = ({ expireAfterSeconds, partialFilterExpression }: Document): boolean =>
    expireAfterSeconds !== undefined || partialFilterExpression !== undefined;

  const ensure = async (): Promise<readonly string[]> => {
    const client = new MongoClient(`mongodb://${server.address}`, { serverSelectionTimeoutMS: 1_000 });
    try {
      return (await ensureIndexes(client.db('m'))).filter(({ complete }) => !complete).map(({ index }) => index.name);
    } finally {
      await client.close();
    }
  };

  test('are made with TTL, filter and uniqueness where the server has them', async () => {
    await start();
    expect(await ensure()).toEqual([]);
    expect(made()).toHaveLength(INDEXES.length);
    expect(
      made()
        .filter((index) => index['expireAfterSeconds'] === 0)
        .map(({ name }) => String(name)),
    ).toEqual(['expiry', 'forget', 'until']);
    expect(
      made()
        .filter(({ unique }) => unique === true)
        .map(({ name }) => String(name)),
    ).toEqual(['marker', 'name']);
    expect(made().find(({ name }) => name === 'claim')).toMatchObject({ partialFilterExpression: { cl: { $gt: '' } } });
  });

  test.each([238, 115, 67, 72, 197])(
    'are made without TTL and filter where the server refuses with %d',
    async (code) => {
      await start((command) => (((command['indexes'] as Document[]) ?? []).some(special) ? refused(code) : null));
      expect(await ensure()).toEqual(['claim', 'expiry', 'forget', 'until']);
      const last = new Map(made().map((index) => [index['name'] as string, index]));
      expect([...last.keys()].sort()).toEqual(INDEXES.map(({ name }) => name).sort());
      expect([...last.values()].some(special)).toBe(false);
      expect(last.get('marker')).toMatchObject({ unique: true });
    },
  );

  test('are not made in part when the server refuses for another reason', async () => {
    await start((command) => ('createIndexes' in command ? refused(13) : null));
    await expect(ensure()).rejects.toMatchObject({ code: 13 });
    expect(made()).toHaveLength(1);
  });

  test('that are there are left alone', async () => {
    const described = (index: DeclaredIndex) => ({ v: 2, key: index.key, ...choicesOf(index)[0] });
    await start((command) => {
      const there = INDEXES.filter(({ collection }) => collection === command['listIndexes']);
      return 'listIndexes' in command ? found(...there.map(described)) : null;
    });
    expect(await ensure()).toEqual([]);
    expect(made()).toEqual([]);
  });

  test('that another core makes at the same time are taken as they are', async () => {
    let asked = 0;
    await start((command) => {
      if (command['listIndexes'] === 'queues' && ++asked > 1) {
        return found({ key: { project: 1, name: 1 }, name: 'name', unique: true });
      }
      return command['createIndexes'] === 'queues' && made().at(-1)?.['name'] === 'name' ? refused(11_000) : null;
    });
    expect(await ensure()).toEqual([]);
  });

  test.each([
    ['a TTL', { expireAfterSeconds: 60 }],
    ['a filter', { partialFilterExpression: { a: 1 } }],
    ['no uniqueness', { unique: undefined }],
    ['another order', { key: { k: 1, uid: 1 } }],
  ])('that have %s where they must not are refused', async (_, difference) => {
    const marker = { key: { uid: 1, k: 1 }, name: 'marker', unique: true, ...difference };
    await start((command) => (command['listIndexes'] === 'messages' ? found(marker) : null));
    await expect(ensure()).rejects.toMatchObject({ reason: 'STORAGE_UNAVAILABLE' });
  });

  test('are declared each once, with a reason, unique ones by their shard key first', () => {
    const names = INDEXES.map(({ collection, name }) => `${collection}.${name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { reason } of INDEXES) expect(reason.length).toBeGreaterThan(20);
    const shardKeys: Record<string, string> = { messages: 'uid', queues: 'project' };
    for (const { collection, key } of INDEXES.filter(({ unique }) => unique)) {
      expect(Object.keys(key)[0]).toBe(shardKeys[collection]);
    }
  });
});
