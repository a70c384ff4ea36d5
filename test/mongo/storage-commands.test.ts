import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { INDEXES } from '../../src/storage/drivers/mongodb/indexes.js';
import { expectCopied, filledFile, type FilledFile } from '../support/killed-copy.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startSecantus } from '../support/mongo/secantus.js';
import { runMarconi } from '../support/server.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';

const folder = makeTempDir('mongo-commands');
let source: FilledFile;
beforeAll(async () => {
  source = await filledFile(join(folder, 'source.db'), 2_000);
});
afterAll(() => removeTempDir(folder));

/** The URI of a database of the server. */
const database = (server: MongoServer, name: string): string => `${server.uri.replace(/\/*$/, '')}/${name}`;

describe.each([
  ['mongo-java-server', () => startMongoJavaServer({ backend: 'memory' }), /single server/],
  ['SecantusDB', () => startSecantus(), /replica set \S+ of \d+ members with data/],
] as const)('on %s', (_, start, topology) => {
  let server: MongoServer;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  const run = (name: string, ...args: readonly string[]) =>
    runMarconi(['storage', ...args, '--storage', database(server, name)]);

  test('a copy that is killed twice and begun again is identical', async () => {
    await expectCopied(source, database(server, 'moved'));
  });

  test('copied there and back again it is what it was', async () => {
    const [there, back] = [database(server, 'there'), `sqlite:${join(folder, `back-${server.pid}.db`)}`];
    const first = await runMarconi(['storage', 'copy', source.uri, there, '--json']);
    const second = await runMarconi(['storage', 'copy', there, back, '--json']);
    const [away, home] = [first, second].map(({ stdout }) => JSON.parse(stdout) as { from: object; to: object });
    expect(home).toMatchObject({ identical: true, from: away!.to, to: { ...away!.from, storage: back } });
    expect((await runMarconi(['storage', 'check', '--storage', back])).code).toBe(0);
  });

  test('init makes what check misses, once', async () => {
    const before = await run('fresh', 'check');
    expect(before.stdout).toContain('1 faults found');
    expect(before.stdout).toMatch(/\n {2}it is not prepared: run `marconi storage init`/);
    expect(before.code).toBe(3);
    const none = await run('fresh', 'stats');
    expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('holds no storage of Marconi') as string });
    const made = await run('fresh', 'init', '--json');
    const names = INDEXES.map(({ collection, name }) => `${collection}.${name}`);
    expect(JSON.parse(made.stdout)).toMatchObject({ created: ['schema', ...names] });
    const again = await run('fresh', 'init');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing was changed') as string });
    const sound = await run('fresh', 'check');
    expect(sound.stdout).toMatch(/no fault found \(version \S+, wire version \d+, /);
    expect(sound.stdout).toMatch(topology);
    expect(sound.stdout).toContain(`schema 1, ${INDEXES.length} of ${INDEXES.length} indexes)`);
    expect(sound.code).toBe(0);
  });

  test('check changes nothing, and names each index that is missing or not ours', async () => {
    await run('broken', 'init');
    const client = await MongoClient.connect(server.uri);
    try {
      const messages = client.db('broken').collection('messages');
      await messages.dropIndex('claim');
      await messages.dropIndex('marker');
      await messages.createIndex({ elsewhere: 1 }, { name: 'marker' });
      const { code, stdout } = await run('broken', 'check', '--json');
      const { problems, indexes } = JSON.parse(stdout) as {
        problems: string[];
        indexes: { name: string; state: string }[];
      };
      expect(problems).toEqual([
        expect.stringMatching(/^the index messages\.marker is not Marconi's: drop it/),
        expect.stringMatching(/^the index messages\.claim is missing: run/),
      ]);
      expect(indexes.filter(({ state }) => state === 'missing').map(({ name }) => name)).toEqual(['messages.claim']);
      expect(code).toBe(3);
      expect((await messages.indexes()).map(({ name }) => name)).not.toContain('claim');
      const init = await run('broken', 'init');
      expect(init).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('"marker" that is not Marconi') as string,
      });
    } finally {
      await client.close();
    }
  });

  test('a backup is left to the tools of the database', async () => {
    const { code, stderr } = await run('any', 'backup', join(folder, 'x.bak'));
    expect(stderr).toContain('use the tools of the database server');
    expect(code).toBe(2);
  });
});

test('a database that does not answer is told, without its password', async () => {
  const uri = 'mongodb://u:secret@127.0.0.1:9/m';
  for (const command of [['check'], ['init'], ['stats']]) {
    const fast = ['--mongodb-server-selection-timeout-ms=1000'];
    const { code, stderr, stdout } = await runMarconi(['storage', ...command, ...fast], { MARCONI_STORAGE: uri });
    expect(stderr).toMatch(/^marconi: STORAGE_UNAVAILABLE: No primary of the database can be reached/);
    expect(stderr).not.toContain('secret');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  }
});
