import { Client, credentials, status, type ServiceError } from '@grpc/grpc-js';
import type { Engine } from '../../../src/engine/api.js';
import { MarconiError } from '../../../src/errors/marconi-error.js';
import { call, connect, refusalOf, refused, type CallOptions, type Connection } from '../../support/grpc-client.js';
import { startDoor, type Door } from '../../support/grpc-door.js';

let door: Door;
let to: Connection;
/** What the next engine call fails with. */
let failure: Error | undefined;

/** An engine whose reads of a queue fail when told to: for what a healthy storage does not do. */
function failing(engine: Engine): Engine {
  const find: Engine['queues']['find'] = async (context, name) => {
    if (failure === undefined) return engine.queues.find(context, name);
    const thrown = failure;
    failure = undefined;
    throw thrown;
  };
  return { ...engine, queues: { ...engine.queues, find } };
}

beforeAll(async () => {
  door = await startDoor({ wrap: failing, limits: { maxMessageSize: 10_000 } });
  to = connect(door.address);
  await call(to.queues, 'createQueue', { queue: 'q' });
});

afterAll(async () => {
  to.close();
  await door.close();
});

const text = (body: string, ttlSeconds = 60, contentType = '') => ({
  body: Buffer.from(body),
  contentType,
  ttlSeconds,
});
const post = (messages: ReturnType<typeof text>[], more = {}, options: CallOptions = {}) =>
  refused(call(to.messages, 'postMessages', { queue: 'q', messages, ...more }, options));
const asProject = (metadata: NonNullable<CallOptions['metadata']>) =>
  refused(call(to.queues, 'getQueue', { queue: 'q' }, { metadata }));

describe('INVALID_REQUEST names each field, what was expected and what came', () => {
  test.each([
    ['no message', [], {}, 'messages', /1 to 16384 messages; came 0/],
    ['a ttl too short', [text('1', 59)], {}, 'messages[0].ttl_seconds', /60 to 1209600 seconds; came 59/],
    ['a ttl too long', [text('1'), text('1', 1_209_601)], {}, 'messages[1].ttl_seconds', /came 1209601/],
    [
      'bodies too large together',
      [text('1'.repeat(9_000)), text('1'.repeat(1_001))],
      {},
      'messages',
      /10000 bytes.*came 10001/,
    ],
    [
      'a media type that is not ASCII',
      [text('1', 60, 'text/é')],
      {},
      'messages[0].content_type',
      /printable ASCII characters; came "text/,
    ],
    ['a media type too long', [text('1', 60, 'a'.repeat(256))], {}, 'messages[0].content_type', /at most 255/],
    [
      'an empty producer',
      [text('1')],
      { producerId: '', producerSequence: 1n },
      'producer_id',
      /1 to 64 bytes; came 0/,
    ],
    [
      'a producer too long',
      [text('1')],
      { producerId: 'é'.repeat(33), producerSequence: 1n },
      'producer_id',
      /came 66/,
    ],
    ['a producer without sequence', [text('1')], { producerId: 'p' }, 'producer_sequence', /absent/],
    ['a sequence without producer', [text('1')], { producerSequence: 1n }, 'producer_id', /came 0/],
  ])('%s', async (_name, messages, more, field, description) => {
    const refusal = await post(messages, more);
    expect(refusal).toMatchObject({ code: status.INVALID_ARGUMENT, reason: 'INVALID_REQUEST', domain: 'marconi' });
    expect(refusal.fields).toEqual([field]);
    expect(refusal.descriptions[0]).toMatch(description);
    expect(refusal.message).toBe(`${field}: ${refusal.descriptions[0]}`);
  });

  test('all violations at once, up to 20', async () => {
    const refusal = await post(Array.from({ length: 30 }, () => text('1', 1)));
    expect(refusal.fields).toHaveLength(20);
    expect(refusal.fields[19]).toBe('messages[19].ttl_seconds');
  });

  test.each([
    ['limit 0', { limit: 0 }, ['limit']],
    ['limit 21', { limit: 21 }, ['limit']],
  ])('pages: %s', async (_name, request, fields) => {
    for (const refusal of await Promise.all([
      refused(call(to.queues, 'listQueues', { marker: '', ...request })),
      refused(call(to.messages, 'listMessages', { queue: 'q', marker: '', ...request })),
      refused(call(to.messages, 'popMessages', { queue: 'q', ...request })),
    ])) {
      expect(refusal).toMatchObject({ reason: 'INVALID_REQUEST', fields });
    }
  });

  test.each([
    ['everything wrong', { ttlSeconds: 59, graceSeconds: 43_201, limit: 21, wait: { seconds: 31n, nanos: 0 } }, 4],
    ['a wait below nothing', { ttlSeconds: 60, graceSeconds: 60, wait: { seconds: -1n, nanos: 0 } }, 1],
    ['a wait just too long', { ttlSeconds: 60, graceSeconds: 60, wait: { seconds: 30n, nanos: 1 } }, 1],
    ['a wait that overflows', { ttlSeconds: 60, graceSeconds: 60, wait: { seconds: 2n ** 62n, nanos: 0 } }, 1],
    ['nanoseconds out of range', { ttlSeconds: 60, graceSeconds: 60, wait: { seconds: 0n, nanos: -5 } }, 1],
  ])('claims: %s', async (_name, request, count) => {
    const refusal = await refused(call(to.claims, 'createClaim', { queue: 'q', ...request }));
    expect(refusal.fields).toEqual(['ttl_seconds', 'grace_seconds', 'limit', 'wait'].slice(4 - count));
  });

  test('renewals', async () => {
    const request = { queue: 'q', claimId: 'x', ttlSeconds: 43_201, graceSeconds: 43_201 };
    const refusal = await refused(call(to.claims, 'updateClaim', request));
    expect(refusal.fields).toEqual(['ttl_seconds', 'grace_seconds']);
  });

  test.each([0, 21])('%d ids', async (count) => {
    const ids = Array.from({ length: count }, (_, index) => `id${index}`);
    for (const refusal of await Promise.all([
      refused(call(to.messages, 'getMessages', { queue: 'q', ids })),
      refused(call(to.messages, 'deleteMessages', { queue: 'q', ids })),
      refused(call(to.claims, 'acknowledgeMessages', { queue: 'q', claimId: 'c', ids })),
    ])) {
      expect(refusal).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['ids'] });
      expect(refusal.descriptions[0]).toContain(`came ${count}`);
    }
  });

  test.each(['', 'not a uuid', '3381af92-2b9e-11e3-b191-71861300734'])('client id %p', async (clientId) => {
    const listing = await refused(call(to.messages, 'listMessages', { queue: 'q', marker: '' }, { clientId }));
    expect(listing).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['client-id'] });
    expect(await post([text('1')], {}, { clientId })).toMatchObject({ fields: ['client-id'] });
  });

  test.each([
    ['not JSON', '{', /JSON object/],
    ['an array', '[]', /came an array/],
    ['null', 'null', /came null/],
    ['a number', '1', /came a number/],
    ['a reserved key', '{"ok":1,"_flavor":"x"}', /"_"; came "_flavor"/],
    ['__proto__', '{"__proto__":1}', /came "__proto__"/],
    ['an integer beyond 64 bits', '{"n":9223372036854775808}', /2\^63/],
    ['too large', `{"n":"${'x'.repeat(65_530)}"}`, /65536 bytes; came 65538/],
  ])('metadata: %s', async (_name, metadata, description) => {
    const request = { queue: 'q', metadata: Buffer.from(metadata) };
    const refusal = await refused(call(to.queues, 'setQueueMetadata', request));
    expect(refusal).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['metadata'] });
    expect(refusal.descriptions[0]).toMatch(description);
  });

  test('bytes that are no protobuf message', async () => {
    const client = new Client(door.address, credentials.createInsecure());
    const same = (bytes: Buffer) => bytes;
    const path = '/marconi.v1.QueueService/GetQueue';
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(path, same, same, Buffer.from([0x0a, 0xff]), (failed) => resolve(failed));
    });
    client.close();
    expect(refusalOf(error!)).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['request'] });
  });
});

describe('INVALID_PROJECT', () => {
  test.each([
    ['empty bytes', { 'marconi-project-bin': Buffer.alloc(0) }, 'marconi-project-bin'],
    ['not UTF-8', { 'marconi-project-bin': Buffer.from([0xc3, 0x28]) }, 'marconi-project-bin'],
    ['257 characters', { 'marconi-project-bin': Buffer.from('é'.repeat(257)) }, 'marconi-project-bin'],
    ['two different bytes', { 'marconi-project-bin': [Buffer.from('a'), Buffer.from('b')] }, 'marconi-project-bin'],
    ['empty text', { 'x-project-id': '' }, 'x-project-id'],
    ['two texts', { 'x-project-id': ['a', 'b'] }, 'x-project-id'],
    [
      'bytes and text that differ',
      { 'marconi-project-bin': Buffer.from('a'), 'x-project-id': 'b' },
      'marconi-project-bin',
    ],
  ])('%s', async (_name, metadata, field) => {
    const refusal = await asProject(metadata);
    expect(refusal).toMatchObject({ code: status.INVALID_ARGUMENT, reason: 'INVALID_PROJECT', fields: [field] });
  });

  test('two spellings of the same project are one', async () => {
    const metadata = { 'marconi-project-bin': [Buffer.from('a'), Buffer.from('a')], 'x-project-id': 'a' };
    expect((await call(to.auth, 'authenticate', {}, { metadata })).project).toBe('a');
  });

  test('256 characters of any kind are a project', async () => {
    const project = '🐇'.repeat(256);
    expect((await call(to.auth, 'authenticate', {}, { project })).project).toBe(project);
  });
});

describe('the other reasons', () => {
  test.each([[''], ['a b'], ['é'], ['a/b'], ['x'.repeat(65)], ['a\n']])('INVALID_QUEUE_NAME: %p', async (queue) => {
    for (const refusal of await Promise.all([
      refused(call(to.queues, 'createQueue', { queue })),
      refused(call(to.messages, 'getMessage', { queue, id: 'x' })),
      refused(call(to.claims, 'releaseClaim', { queue, claimId: 'x' })),
    ])) {
      expect(refusal).toMatchObject({ code: status.INVALID_ARGUMENT, reason: 'INVALID_QUEUE_NAME', fields: ['queue'] });
    }
  });

  test.each([
    ['not JSON', '{"a":}', 'syntax'],
    ['nothing', '', 'syntax'],
    ['two texts', '1 2', 'syntax'],
    ['NaN', 'NaN', 'syntax'],
    ['an integer beyond 64 bits, deep inside', '[[{"a":[-9223372036854775809]}]]', 'integer'],
    ['too deep', '['.repeat(1_001) + ']'.repeat(1_001), 'depth'],
  ])('INVALID_BODY: %s', async (_name, body, fault) => {
    const refusal = await post([text('1'), text(body)]);
    expect(refusal).toMatchObject({ code: status.INVALID_ARGUMENT, reason: 'INVALID_BODY', facts: { fault } });
    expect(refusal.fields).toEqual(['messages[1].body']);
  });

  test('INVALID_BODY: not UTF-8', async () => {
    const refusal = await post([{ body: Buffer.from([0x22, 0xff, 0x22]), contentType: '', ttlSeconds: 60 }]);
    expect(refusal).toMatchObject({ reason: 'INVALID_BODY', facts: { fault: 'encoding' } });
  });

  test('a refused post stores nothing', async () => {
    await call(to.queues, 'createQueue', { queue: 'clean' });
    await refused(call(to.messages, 'postMessages', { queue: 'clean', messages: [text('1'), text('{')] }));
    expect(await call(to.queues, 'getQueueStats', { queue: 'clean' })).toMatchObject({ total: 0n });
  });

  test('QUEUE_NOT_FOUND, MESSAGE_NOT_FOUND, CLAIM_NOT_FOUND', async () => {
    const queue = 'nowhere';
    const refusals = await Promise.all([
      refused(call(to.queues, 'getQueue', { queue })),
      refused(call(to.queues, 'getQueueMetadata', { queue })),
      refused(call(to.queues, 'getQueueStats', { queue })),
      refused(call(to.queues, 'setQueueMetadata', { queue, metadata: Buffer.from('{}') })),
      refused(call(to.messages, 'postMessages', { queue, messages: [text('1')] })),
      refused(call(to.messages, 'getMessage', { queue: 'q', id: 'ill-formed' })),
      refused(call(to.messages, 'getMessage', { queue, id: 'mAAAAAAAAAAAAAAAA-0' })),
      refused(call(to.claims, 'getClaim', { queue: 'q', claimId: 'ill/formed' })),
      refused(call(to.claims, 'updateClaim', { queue: 'q', claimId: 'gone', ttlSeconds: 60 })),
    ]);
    expect(refusals.map(({ reason }) => reason)).toEqual([
      ...Array<string>(5).fill('QUEUE_NOT_FOUND'),
      ...Array<string>(2).fill('MESSAGE_NOT_FOUND'),
      ...Array<string>(2).fill('CLAIM_NOT_FOUND'),
    ]);
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set([status.NOT_FOUND]));
  });

  test('MESSAGE_CLAIMED and CLAIM_LOST', async () => {
    await call(to.queues, 'createQueue', { queue: 'held' });
    const { ids } = await call(to.messages, 'postMessages', { queue: 'held', messages: [text('1')] });
    const named = { queue: 'held', id: ids[0]! };
    const { claim } = await call(to.claims, 'createClaim', { queue: 'held', ttlSeconds: 60, graceSeconds: 60 });
    const claimed = await refused(call(to.messages, 'deleteMessage', named));
    expect(claimed).toMatchObject({ code: status.PERMISSION_DENIED, reason: 'MESSAGE_CLAIMED' });
    await call(to.claims, 'releaseClaim', { queue: 'held', claimId: claim!.id });
    const lost = await refused(call(to.messages, 'deleteMessage', { ...named, claimId: claim!.id }));
    expect(lost).toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'CLAIM_LOST' });
  });

  test('PRODUCER_KEY_REUSED', async () => {
    const key = { producerId: 'reuse', producerSequence: 1n };
    await call(to.messages, 'postMessages', { queue: 'q', messages: [text('1')], ...key });
    expect(await post([text('2')], key)).toMatchObject({
      code: status.FAILED_PRECONDITION,
      reason: 'PRODUCER_KEY_REUSED',
    });
  });

  test.each([
    ['STORAGE_FULL', status.RESOURCE_EXHAUSTED, 2_500],
    ['STORAGE_UNAVAILABLE', status.UNAVAILABLE, 1],
    ['OVERLOADED', status.RESOURCE_EXHAUSTED, 250],
  ] as const)('%s carries when to try again', async (reason, code, retryAfterMs) => {
    failure = new MarconiError(reason, 'No.', { retryAfterMs });
    const refusal = await refused(call(to.queues, 'getQueue', { queue: 'q' }));
    expect(refusal).toMatchObject({ code, reason, message: 'No.', retryMs: retryAfterMs });
    expect(refusal.retryTrailer).toBe(String(retryAfterMs));
  });

  test('INTERNAL hides its cause, and its request id leads to the log line', async () => {
    failure = new Error('secret path /etc/x');
    const refusal = await refused(call(to.queues, 'getQueue', { queue: 'q' }));
    expect(refusal).toMatchObject({ code: status.INTERNAL, reason: 'INTERNAL' });
    expect(JSON.stringify(refusal)).not.toContain('secret');
    const line = door.lines.find(({ requestId }) => requestId === refusal.facts['request_id']);
    expect(line).toMatchObject({ level: 'error', method: 'GetQueue' });
    expect(JSON.stringify(line)).toContain('secret path');
  });

  test('an error about a text of a megabyte still arrives', async () => {
    const id = '🐇'.repeat(200_000);
    const refusal = await refused(call(to.messages, 'getMessage', { queue: 'q', id }));
    expect(refusal.reason).toBe('MESSAGE_NOT_FOUND');
    expect(refusal.message.length).toBeLessThan(600);
  });

  test('an unknown method is UNIMPLEMENTED', async () => {
    const client = new Client(door.address, credentials.createInsecure());
    const same = (bytes: Buffer) => bytes;
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest('/marconi.v1.QueueService/No', same, same, Buffer.alloc(0), (failed) => resolve(failed));
    });
    client.close();
    expect(error?.code).toBe(status.UNIMPLEMENTED);
  });
});
