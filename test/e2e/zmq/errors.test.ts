import { EnvelopeKind as Kind, type Envelope } from '../../../src/gen/marconi/v1/envelope.js';
import type { MethodName } from '../../../src/transport/dispatch.js';
import { Status } from '../../../src/gen/google/rpc/status.js';
import { call as grpcCall, connect, refused, type Connection } from '../../support/grpc-client.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { waitFor } from '../../support/wait.js';
import { connectZmq, envelopeBytes, refusedZmq, ZmqClient } from '../../support/zmq-client.js';

let server: RunningMarconi;
let client: ZmqClient;
let grpc: Connection;

beforeAll(async () => {
  server = await startMarconi({ command: 'core', storage: 'memory:', args: ['--limits-max-message-size=10000'] });
  client = await connectZmq(server.zmqAddress('router'));
  grpc = connect(server.grpcAddress);
  await client.call('marconi.v1.QueueService/CreateQueue', { queue: 'q' });
});

afterAll(async () => {
  grpc.close();
  client.close();
  await server.stop();
});

const text = (body: string | Buffer, ttlSeconds = 60, contentType = '') => ({
  body: Buffer.from(body),
  contentType,
  ttlSeconds,
});
const post = (messages: ReturnType<typeof text>[], more = {}) =>
  ['messages', 'postMessages', 'MessageService/PostMessages', { queue: 'q', messages, ...more }] as const;
const claim = (more = {}) =>
  [
    'claims',
    'createClaim',
    'ClaimService/CreateClaim',
    { queue: 'q', ttlSeconds: 60, graceSeconds: 60, ...more },
  ] as const;
const setMetadata = (metadata: string) =>
  [
    'queues',
    'setQueueMetadata',
    'QueueService/SetQueueMetadata',
    { queue: 'q', metadata: Buffer.from(metadata) },
  ] as const;
const getQueue = (queue: string) => ['queues', 'getQueue', 'QueueService/GetQueue', { queue }] as const;

/** A bad input: what it is, the call by its names over both doors, and metadata. */
type Row = readonly [string, readonly [string, string, string, object], Record<string, string | Buffer>?];

const ROWS: readonly Row[] = [
  ['no message', post([])],
  ['a ttl too short', post([text('1', 59)])],
  ['a ttl too long', post([text('1'), text('1', 1_209_601)])],
  ['bodies too large together', post([text('1'.repeat(9_000)), text('1'.repeat(1_001))])],
  ['a media type that is not ASCII', post([text('1', 60, 'text/é')])],
  ['a media type too long', post([text('1', 60, 'a'.repeat(256))])],
  ['an empty producer', post([text('1')], { producerId: '', producerSequence: 1n })],
  ['a producer too long', post([text('1')], { producerId: 'é'.repeat(33), producerSequence: 1n })],
  ['a producer without sequence', post([text('1')], { producerId: 'p' })],
  ['a sequence without producer', post([text('1')], { producerSequence: 1n })],
  ['thirty violations', post(Array.from({ length: 30 }, () => text('1', 1)))],
  ['a body that is not JSON', post([text('1'), text('{"a":}')])],
  ['a body that is not UTF-8', post([text(Buffer.from([0x22, 0xff, 0x22]))])],
  ['an integer beyond 64 bits', post([text('[-9223372036854775809]')])],
  ['a body too deep', post([text('['.repeat(1_001) + ']'.repeat(1_001))])],
  ['a page of 0', ['messages', 'listMessages', 'MessageService/ListMessages', { queue: 'q', limit: 0 }]],
  ['a page of 21', ['queues', 'listQueues', 'QueueService/ListQueues', { limit: 21 }]],
  ['a pop of 21', ['messages', 'popMessages', 'MessageService/PopMessages', { queue: 'q', limit: 21 }]],
  ['a claim with everything wrong', claim({ ttlSeconds: 59, graceSeconds: 43_201, limit: 21 })],
  ['a wait too long', claim({ wait: { seconds: 30n, nanos: 1 } })],
  ['a wait below nothing', claim({ wait: { seconds: -1n, nanos: 0 } })],
  [
    'a renewal too long',
    ['claims', 'updateClaim', 'ClaimService/UpdateClaim', { queue: 'q', claimId: 'x', ttlSeconds: 43_201 }],
  ],
  ['no ids', ['messages', 'getMessages', 'MessageService/GetMessages', { queue: 'q', ids: [] }]],
  [
    '21 ids',
    [
      'claims',
      'acknowledgeMessages',
      'ClaimService/AcknowledgeMessages',
      { queue: 'q', claimId: 'c', ids: Array<string>(21).fill('i') },
    ],
  ],
  ['metadata that is not JSON', setMetadata('{')],
  ['metadata with a reserved key', setMetadata('{"_flavor":"x"}')],
  ['metadata too large', setMetadata(`{"n":"${'x'.repeat(65_530)}"}`)],
  ['a queue without a name', getQueue('')],
  ['a queue with a wrong name', getQueue('a/b')],
  ['a queue that is not there', getQueue('nowhere')],
  ['a post to nowhere', post([text('1')], { queue: 'nowhere' })],
  ['a message that is not there', ['messages', 'getMessage', 'MessageService/GetMessage', { queue: 'q', id: 'x' }]],
  ['a claim that is not there', ['claims', 'getClaim', 'ClaimService/GetClaim', { queue: 'q', claimId: 'x' }]],
  ['a client id that is none', post([text('1')]), { 'client-id': 'not a uuid' }],
  ['an empty client id', post([text('1')]), { 'client-id': '' }],
  ['an empty project', getQueue('q'), { 'marconi-project-bin': Buffer.alloc(0) }],
  ['a project that is not UTF-8', getQueue('q'), { 'marconi-project-bin': Buffer.from([0xc3, 0x28]) }],
  ['a project too long', getQueue('q'), { 'marconi-project-bin': Buffer.from('é'.repeat(257)) }],
  ['an empty project as text', getQueue('q'), { 'x-project-id': '' }],
  ['two projects', getQueue('q'), { 'marconi-project-bin': Buffer.from('a'), 'x-project-id': 'b' }],
];

const CASES = ROWS.map(([name, call, metadata = {}]) => ({ name, call, metadata }));

test.each(CASES)('$name: the same refusal as over gRPC', async ({ call, metadata }) => {
  const [service, method, path, request] = call;
  const overGrpc = await refused(grpcCall((grpc as never)[service], method as never, request as never, { metadata }));
  const overZmq = await refusedZmq(client.call(`marconi.v1.${path}` as MethodName, request, { metadata }));
  const { retryTrailer, ...same } = overGrpc;
  expect(retryTrailer).toBeUndefined();
  expect(overZmq).toEqual(same);
  expect(overZmq.reason).not.toBe('');
});

test('MESSAGE_CLAIMED, CLAIM_LOST and PRODUCER_KEY_REUSED', async () => {
  const key = { producerId: 'p', producerSequence: 1n };
  const { ids } = await client.call('marconi.v1.MessageService/PostMessages', {
    queue: 'q',
    messages: [text('1')],
    ...key,
  });
  const reused = client.call('marconi.v1.MessageService/PostMessages', { queue: 'q', messages: [text('2')], ...key });
  expect(await refusedZmq(reused)).toMatchObject({ reason: 'PRODUCER_KEY_REUSED' });
  const made = await client.call('marconi.v1.ClaimService/CreateClaim', {
    queue: 'q',
    ttlSeconds: 60,
    graceSeconds: 60,
  });
  const named = { queue: 'q', id: ids[0]! };
  const remove = (more = {}) =>
    refusedZmq(client.call('marconi.v1.MessageService/DeleteMessage', { ...named, ...more }));
  expect(await remove()).toMatchObject({ reason: 'MESSAGE_CLAIMED' });
  await client.call('marconi.v1.ClaimService/ReleaseClaim', { queue: 'q', claimId: made.claim!.id });
  expect(await remove({ claimId: made.claim!.id })).toMatchObject({ reason: 'CLAIM_LOST' });
});

test('a payload that is no message of the method, and a method that is not there', async () => {
  const method = 'marconi.v1.QueueService/GetQueue';
  const bad = client.ask(Kind.ENVELOPE_KIND_REQUEST, Buffer.from([0x0a, 0xff]), { method });
  expect(await refusedZmq(bad)).toMatchObject({ reason: 'INVALID_REQUEST', fields: ['request'] });
  const unknown = client.ask(Kind.ENVELOPE_KIND_REQUEST, Buffer.alloc(0), { method: 'marconi.v1.QueueService/No' });
  expect(await refusedZmq(unknown)).toMatchObject({ code: 12, reason: '' });
});

describe('what is no envelope of this protocol', () => {
  /** The refusal of a frame whose answer names no call. */
  const refusalOf = (frame: Uint8Array) => refusedZmq(client.exchange('', frame));

  test.each([
    ['random bytes', Buffer.from('ffeeddccbbaa', 'hex'), ['envelope']],
    ['an empty frame', Buffer.alloc(0), ['version']],
    ['another version', Buffer.from(envelopeBytes({ version: 2 })), ['version']],
    [
      'a long correlation id',
      Buffer.from(envelopeBytes({ version: 1, correlationId: Buffer.alloc(65) })),
      ['correlation_id'],
    ],
    [
      'much metadata',
      Buffer.from(envelopeBytes({ version: 1, metadata: { a: Buffer.alloc(16 * 1024) } })),
      ['metadata'],
    ],
    ['no kind', Buffer.from(envelopeBytes({ version: 1 })), ['kind']],
    ['what a server sends', Buffer.from(envelopeBytes({ version: 1, kind: Kind.ENVELOPE_KIND_RESPONSE })), ['kind']],
  ])('%s is refused', async (_name, frame, fields) => {
    expect(await refusalOf(frame)).toMatchObject({ reason: 'INVALID_REQUEST', fields });
  });

  test('frames in numbers that no envelope has are thrown away; the next envelope is served', async () => {
    await client.send(['a', 'b']);
    await client.send(Array<string>(100).fill(''));
    expect(await client.call('marconi.v1.AdminService/GetStatus')).toMatchObject({ draining: false });
  });

  test('ten thousand garbage frames leave the node as it was', async () => {
    const other = new ZmqClient(server.zmqAddress('router'));
    let answers = 0;
    other.take = ({ kind, payload }: Envelope) => {
      if (kind === Kind.ENVELOPE_KIND_ERROR && Status.decode(payload).code === 3) answers++;
    };
    for (let index = 0; index < 10_000; index++) await other.send(Buffer.from([0xff, index & 0xff, index >> 8]));
    expect(await client.call('marconi.v1.AdminService/GetStatus')).toMatchObject({ draining: false });
    await waitFor('answers to the garbage', () => answers > 0);
    other.close();
    const metrics = await (await fetch(server.metricsUrl)).text();
    expect(metrics).toMatch(/marconi_zmq_refused_frames_total\{socket="router",cause="frames"\} 2/);
    expect(metrics).toMatch(/marconi_zmq_refused_frames_total\{socket="router",cause="invalid_request"\} \d{3,}/);
  });

  test('a frame longer than the limit ends its connection, and no other', async () => {
    const other = await connectZmq(server.zmqAddress('router'));
    const ended = other.waitForDisconnect();
    await other.send(Buffer.alloc(1024 * 1024 + 1));
    await ended;
    other.close();
    expect(await client.call('marconi.v1.AdminService/GetStatus')).toMatchObject({ draining: false });
  });
});

test('names of metadata that objects have by nature are none', async () => {
  const metadata = { constructor: Buffer.from('x'), __proto__: Buffer.from('y') };
  expect(await client.call('marconi.v1.AuthService/Authenticate', {}, { metadata })).toMatchObject({
    strategy: 'none',
  });
});
