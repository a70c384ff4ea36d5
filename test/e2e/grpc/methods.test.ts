import { Acknowledgement_Outcome as Outcome } from '../../../src/gen/marconi/v1/claims.js';
import { Durability } from '../../../src/gen/marconi/v1/messages.js';
import { StorageState } from '../../../src/gen/marconi/v1/admin.js';
import { call, connect, type CallOptions, type Connection } from '../../support/grpc-client.js';
import { startDoor, type Door } from '../../support/grpc-door.js';

let door: Door;
let to: Connection;

beforeAll(async () => {
  door = await startDoor();
  to = connect(door.address);
});

afterAll(async () => {
  to.close();
  await door.close();
});

const json = (value: unknown, ttlSeconds = 300) => ({
  body: Buffer.from(JSON.stringify(value)),
  contentType: '',
  ttlSeconds,
});

/** A queue of its own with so many messages; gives their ids. */
async function filled(queue: string, count: number, options: CallOptions = {}): Promise<string[]> {
  await call(to.queues, 'createQueue', { queue }, options);
  const messages = Array.from({ length: count }, (_, index) => json(index));
  return (await call(to.messages, 'postMessages', { queue, messages }, options)).ids;
}

describe('queues', () => {
  test('CreateQueue tells a new queue from one that was there', async () => {
    expect(await call(to.queues, 'createQueue', { queue: 'new' })).toEqual({ created: true });
    expect(await call(to.queues, 'createQueue', { queue: 'new' })).toEqual({ created: false });
  });

  test('GetQueue gives name and creation time, without metadata', async () => {
    await call(to.queues, 'createQueue', { queue: 'got' });
    const { queue } = await call(to.queues, 'getQueue', { queue: 'got' });
    expect(queue).toMatchObject({ name: 'got', metadata: Buffer.alloc(0) });
    const created = Number(queue!.createdAt!.seconds) * 1000 + queue!.createdAt!.nanos / 1e6;
    expect(Math.abs(created - Date.now())).toBeLessThan(5_000);
  });

  test('SetQueueMetadata and GetQueueMetadata keep the text byte for byte, 64-bit integers included', async () => {
    const metadata = Buffer.from('{ "é":\t[9223372036854775807, -9223372036854775808],"a.b" :{"$x":1e400} }');
    await call(to.queues, 'createQueue', { queue: 'meta' });
    expect((await call(to.queues, 'getQueueMetadata', { queue: 'meta' })).metadata.toString()).toBe('{}');
    await call(to.queues, 'setQueueMetadata', { queue: 'meta', metadata });
    expect((await call(to.queues, 'getQueueMetadata', { queue: 'meta' })).metadata.equals(metadata)).toBe(true);
  });

  test('ListQueues pages by name in byte order, within the project', async () => {
    const inside = { project: 'paging' };
    for (const queue of ['b', 'a', 'Z', 'c', 'a.1']) await call(to.queues, 'createQueue', { queue }, inside);
    await call(to.queues, 'createQueue', { queue: 'b2' }, { project: 'paging2' });
    await call(to.queues, 'setQueueMetadata', { queue: 'a', metadata: Buffer.from('{"x":1}') }, inside);
    const names = async (marker: string, limit?: number) =>
      (await call(to.queues, 'listQueues', { marker, limit }, inside)).queues.map(({ name }) => name);
    expect(await names('')).toEqual(['Z', 'a', 'a.1', 'b', 'c']);
    expect(await names('', 2)).toEqual(['Z', 'a']);
    expect(await names('a', 2)).toEqual(['a.1', 'b']);
    expect(await names('no queue')).toEqual([]);
    const detailed = await call(to.queues, 'listQueues', { marker: 'Z', limit: 1, detailed: true }, inside);
    expect(detailed.queues[0]?.metadata.toString()).toBe('{"x":1}');
  });

  test('GetQueueStats counts free and claimed, and shows both ends', async () => {
    const ids = await filled('stats', 3);
    await call(to.claims, 'createClaim', { queue: 'stats', ttlSeconds: 60, graceSeconds: 60, limit: 1 });
    const stats = await call(to.queues, 'getQueueStats', { queue: 'stats' });
    expect(stats).toMatchObject({ total: 3n, claimed: 1n, free: 2n, estimated: false });
    expect([stats.oldest?.id, stats.newest?.id]).toEqual([ids[0], ids[2]]);
    expect(stats.oldest?.ageSeconds).toBeLessThan(5n);
  });

  test('GetQueueStats of an empty queue has no ends', async () => {
    await call(to.queues, 'createQueue', { queue: 'empty' });
    const stats = await call(to.queues, 'getQueueStats', { queue: 'empty' });
    expect(stats).toMatchObject({ total: 0n, oldest: undefined, newest: undefined });
  });

  test('DeleteQueue tells whether there was one, and takes its messages along', async () => {
    const [id] = await filled('doomed', 1);
    expect(await call(to.queues, 'deleteQueue', { queue: 'doomed' })).toEqual({ deleted: true });
    expect(await call(to.queues, 'deleteQueue', { queue: 'doomed' })).toEqual({ deleted: false });
    await call(to.queues, 'createQueue', { queue: 'doomed' });
    expect(await call(to.messages, 'getMessages', { queue: 'doomed', ids: [id!] })).toMatchObject({ messages: [] });
  });
});

describe('messages', () => {
  test('PostMessages gives ids and rising markers in order, and the durability reached', async () => {
    await call(to.queues, 'createQueue', { queue: 'post' });
    const receipt = await call(to.messages, 'postMessages', { queue: 'post', messages: [json(1), json(2)] });
    expect(receipt.ids).toHaveLength(2);
    expect(receipt.ids[0]).toMatch(/^m[A-Za-z0-9_-]{16}-0$/);
    expect(Number(receipt.markers[1])).toBe(Number(receipt.markers[0]) + 1);
    expect(receipt).toMatchObject({ durability: Durability.DURABILITY_FSYNC, duplicate: false });
  });

  test('a body comes back byte for byte: odd white space, emoji keys, 64-bit integers, other types', async () => {
    await call(to.queues, 'createQueue', { queue: 'bytes' });
    const text = ' {\n"🐇" : 9223372036854775807 , "a":-0.0e-7 ,"a": [ ] }\t';
    const binary = Buffer.from([0, 255, 128, 10]);
    const messages = [
      { body: Buffer.from(text), contentType: 'Application/JSON; charset=utf-8', ttlSeconds: 60 },
      { body: binary, contentType: 'application/octet-stream', ttlSeconds: 1_209_600 },
      { body: Buffer.alloc(0), contentType: 'text/plain', ttlSeconds: 60 },
    ];
    const { ids } = await call(to.messages, 'postMessages', { queue: 'bytes', messages });
    const found = await call(to.messages, 'getMessages', { queue: 'bytes', ids });
    expect(found.messages.map(({ body }) => body)).toEqual([Buffer.from(text), binary, Buffer.alloc(0)]);
    expect(found.messages.map(({ contentType }) => contentType)).toEqual([
      '',
      'application/octet-stream',
      'text/plain',
    ]);
    expect(found.messages.map(({ ttlSeconds }) => ttlSeconds)).toEqual([60, 1_209_600, 60]);
  });

  test('a producer key that is repeated gives the first receipt again, with a 64-bit sequence', async () => {
    await call(to.queues, 'createQueue', { queue: 'once' });
    const request = { queue: 'once', messages: [json('x')], producerId: 'p', producerSequence: 2n ** 64n - 1n };
    const first = await call(to.messages, 'postMessages', request);
    const second = await call(to.messages, 'postMessages', request);
    expect(second).toEqual({ ...first, duplicate: true });
    expect(await call(to.queues, 'getQueueStats', { queue: 'once' })).toMatchObject({ total: 1n });
  });

  test('ListMessages pages by marker; an empty page gives the marker back', async () => {
    const ids = await filled('list', 12);
    const first = await call(to.messages, 'listMessages', { queue: 'list', marker: '' });
    expect(first.messages.map(({ id }) => id)).toEqual(ids.slice(0, 10));
    expect(first.nextMarker).toBe(first.messages[9]?.marker);
    const second = await call(to.messages, 'listMessages', { queue: 'list', marker: first.nextMarker, limit: 20 });
    expect(second.messages.map(({ id }) => id)).toEqual(ids.slice(10));
    const third = await call(to.messages, 'listMessages', { queue: 'list', marker: second.nextMarker });
    expect(third).toEqual({ messages: [], nextMarker: second.nextMarker });
    const after = await call(to.messages, 'listMessages', { queue: 'list', marker: ids[10]! });
    expect(after.messages.map(({ id }) => id)).toEqual(ids.slice(11));
    const nowhere = await call(to.messages, 'listMessages', { queue: 'list', marker: 'no marker' });
    expect(nowhere).toEqual({ messages: [], nextMarker: 'no marker' });
  });

  test("ListMessages leaves out the caller's own unless echo, in any spelling of the client id", async () => {
    const own = { clientId: '3381AF92-2B9E-11E3-B191-71861300734C' };
    const same = { clientId: '{3381af922b9e11e3b19171861300734c}' };
    await filled('echo', 1, own);
    const count = async (request: { echo?: boolean }, options: CallOptions) =>
      (await call(to.messages, 'listMessages', { queue: 'echo', marker: '', ...request }, options)).messages.length;
    expect(await count({}, same)).toBe(0);
    expect(await count({ echo: true }, same)).toBe(1);
    expect(await count({}, { clientId: '3381af92-2b9e-11e3-b191-71861300734d' })).toBe(1);
  });

  test('ListMessages hides claimed messages unless asked', async () => {
    await filled('hidden', 2);
    await call(to.claims, 'createClaim', { queue: 'hidden', ttlSeconds: 60, graceSeconds: 60, limit: 1 });
    const plain = await call(to.messages, 'listMessages', { queue: 'hidden', marker: '' });
    const all = await call(to.messages, 'listMessages', { queue: 'hidden', marker: '', includeClaimed: true });
    expect([plain.messages.length, all.messages.length]).toEqual([1, 2]);
  });

  test('GetMessage shows every field', async () => {
    const [id] = await filled('one', 1);
    const { message } = await call(to.messages, 'getMessage', { queue: 'one', id: id! });
    expect(message).toMatchObject({
      id,
      body: Buffer.from('0'),
      contentType: '',
      ttlSeconds: 300,
      epoch: 0n,
      attempt: 0,
    });
    const posted = Number(message!.postedAt!.seconds) * 1000 + message!.postedAt!.nanos / 1e6;
    expect(Number(message!.expiresAt!.seconds)).toBe(Math.ceil(posted / 1000 + 300));
    expect(message!.expiresAt!.nanos).toBe(0);
  });

  test('GetMessages skips unknown and ill-formed ids, and gives each once, oldest first', async () => {
    const ids = await filled('many', 3);
    const wanted = [ids[2]!, ids[0]!, ids[0]!, 'no id', 'mAAAAAAAAAAAAAAAA-0', ''];
    const found = await call(to.messages, 'getMessages', { queue: 'many', ids: wanted });
    expect(found.messages.map(({ id }) => id)).toEqual([ids[0], ids[2]]);
    expect(found.omittedIds).toEqual([]);
  });

  test('a response holds at most 3 MiB of bodies and names what it left out', async () => {
    await call(to.queues, 'createQueue', { queue: 'big' });
    const body = Buffer.alloc(262_144, 0x20).fill('1', 0, 1);
    const ids: string[] = [];
    for (let index = 0; index < 13; index++) {
      const messages = [{ body, contentType: '', ttlSeconds: 60 }];
      ids.push(...(await call(to.messages, 'postMessages', { queue: 'big', messages })).ids);
    }
    const found = await call(to.messages, 'getMessages', { queue: 'big', ids });
    expect(found.messages).toHaveLength(12);
    expect(found.omittedIds).toEqual([ids[12]]);
    const listed = await call(to.messages, 'listMessages', { queue: 'big', marker: '', limit: 20 });
    expect(listed.messages).toHaveLength(12);
    expect(listed.messages[11]?.body.equals(body)).toBe(true);
  });

  test('DeleteMessage and DeleteMessages succeed when there is nothing, and say so', async () => {
    const [first, second, third] = await filled('delete', 3);
    expect(await call(to.messages, 'deleteMessage', { queue: 'delete', id: first! })).toEqual({ deleted: true });
    expect(await call(to.messages, 'deleteMessage', { queue: 'delete', id: first! })).toEqual({ deleted: false });
    expect(await call(to.messages, 'deleteMessage', { queue: 'delete', id: 'x'.repeat(5_000) })).toEqual({
      deleted: false,
    });
    const ids = [second!, third!, first!];
    expect(await call(to.messages, 'deleteMessages', { queue: 'delete', ids })).toEqual({ deleted: 2 });
  });

  test('PopMessages takes the first messages out', async () => {
    const ids = await filled('pop', 3);
    const popped = await call(to.messages, 'popMessages', { queue: 'pop', limit: 2 });
    expect(popped.messages.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(await call(to.queues, 'getQueueStats', { queue: 'pop' })).toMatchObject({ total: 1n });
  });

  test('listing, claiming and popping on a queue that does not exist give nothing', async () => {
    const queue = 'never-made';
    expect((await call(to.messages, 'listMessages', { queue, marker: '' })).messages).toEqual([]);
    expect((await call(to.messages, 'popMessages', { queue })).messages).toEqual([]);
    const claim = await call(to.claims, 'createClaim', { queue, ttlSeconds: 60, graceSeconds: 60 });
    expect(claim.claim).toBeUndefined();
  });
});

describe('claims', () => {
  test('a claim from its making to its end', async () => {
    const ids = await filled('claims', 3);
    const { claim } = await call(to.claims, 'createClaim', {
      queue: 'claims',
      ttlSeconds: 300,
      graceSeconds: 100,
      limit: 2,
    });
    expect(claim).toMatchObject({ ttlSeconds: 300, ageSeconds: 0n });
    expect(claim!.messages.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(claim!.messages[0]).toMatchObject({ epoch: 1n, attempt: 1, ttlSeconds: 400 });
    const named = { queue: 'claims', claimId: claim!.id };

    const got = await call(to.claims, 'getClaim', named);
    expect(got.claim?.messages.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const renewed = await call(to.claims, 'updateClaim', { ...named, ttlSeconds: 600 });
    expect(renewed.endsAt!.seconds).toBeGreaterThan(claim!.endsAt!.seconds + 295n);
    const { acknowledgements } = await call(to.claims, 'acknowledgeMessages', {
      ...named,
      ids: [ids[0]!, ids[2]!, 'no id'],
    });
    expect(acknowledgements).toEqual([
      { id: ids[0], outcome: Outcome.OUTCOME_ACKNOWLEDGED },
      { id: ids[2], outcome: Outcome.OUTCOME_CLAIM_LOST },
      { id: 'no id', outcome: Outcome.OUTCOME_ALREADY_GONE },
    ]);
    expect(await call(to.claims, 'releaseClaim', named)).toEqual({ released: 1 });
    expect(await call(to.claims, 'releaseClaim', named)).toEqual({ released: 0 });
  });

  test('a message is deleted with its claim', async () => {
    const [id] = await filled('proof', 1);
    const { claim } = await call(to.claims, 'createClaim', { queue: 'proof', ttlSeconds: 60, graceSeconds: 60 });
    const request = { queue: 'proof', id: id!, claimId: claim!.id };
    expect(await call(to.messages, 'deleteMessage', request)).toEqual({ deleted: true });
  });
});

describe('identity and node', () => {
  test('Authenticate tells the project, or its absence', async () => {
    const named = await call(to.auth, 'authenticate', {}, { project: 'größe' });
    expect(named).toEqual({ strategy: 'none', project: 'größe', roles: [], ttl: { seconds: 60n, nanos: 0 } });
    expect((await call(to.auth, 'authenticate', {})).project).toBeUndefined();
  });

  test('GetStatus tells version, uptime and storage', async () => {
    const status = await call(to.admin, 'getStatus', {});
    expect(status).toMatchObject({ version: '9.8.7', draining: false });
    expect(status.storage).toMatchObject({
      driver: 'sqlite',
      state: StorageState.STORAGE_STATE_OK,
      durability: Durability.DURABILITY_FSYNC,
    });
  });

  test('projects do not see each other: named, global, and named alike but for one character', async () => {
    const [id] = await filled('shared', 1, { project: 'alpha' });
    for (const options of [{}, { project: 'alph' }, { project: 'alpha ' }, { project: 'ALPHA' }]) {
      const found = await call(to.messages, 'getMessages', { queue: 'shared', ids: [id!] }, options);
      expect(found.messages).toEqual([]);
      expect(await call(to.queues, 'deleteQueue', { queue: 'shared' }, options)).toEqual({ deleted: false });
    }
    const text = { metadata: { 'x-project-id': 'alpha' } };
    expect((await call(to.messages, 'getMessage', { queue: 'shared', id: id! }, text)).message?.id).toBe(id);
  });

  test('a change of a queue leaves one audit line', async () => {
    await call(to.queues, 'createQueue', { queue: 'audited' }, { project: 'p' });
    const line = { audit: true, method: 'CreateQueue', project: 'p', queue: 'audited', outcome: 'OK' };
    expect(door.lines.filter(({ queue }) => queue === 'audited')).toEqual([expect.objectContaining(line)]);
    expect(door.lines.filter(({ method }) => method === 'PostMessages')).toEqual([]);
  });
});
