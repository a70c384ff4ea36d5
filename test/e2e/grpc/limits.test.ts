import { status } from '@grpc/grpc-js';
import { gzipSync } from 'node:zlib';
import { listenerOptions, MAX_HEADER_BYTES } from '../../../src/transport/grpc/limits.js';
import { DISPATCH } from '../../../src/transport/dispatch.js';
import { ErrorInfo } from '../../../src/gen/google/rpc/error_details.js';
import { Status } from '../../../src/gen/google/rpc/status.js';
import { call, connect, refused, type Connection } from '../../support/grpc-client.js';
import { startDoor, type Door } from '../../support/grpc-door.js';
import { shutLatch } from '../../support/latch.js';
import { connectHttp2, EMPTY_MESSAGE, openCall, outcomeOf } from '../../support/http2-client.js';
import { once } from 'node:events';

const MIB = 1024 * 1024;
const AUTHENTICATE = DISPATCH['marconi.v1.AuthService/Authenticate'].path;

let door: Door;
let to: Connection;

beforeAll(async () => {
  door = await startDoor({ withGateway: true, inFlight: { read: 2, intake: 1 } });
  to = connect(door.address);
});

afterAll(async () => {
  to.close();
  await door.close();
});

/** What the server says of itself in its SETTINGS. */
async function settingsOf(address: string) {
  const session = await connectHttp2(address);
  const { remoteSettings } = session;
  session.destroy();
  return remoteSettings;
}

test('the effective options of both listener classes', () => {
  const grpc = { listen: '', gatewayListen: '', tls: null, maxConcurrentStreams: 100, maxMessageBytes: MIB };
  expect(listenerOptions('public', grpc)).toEqual({
    'grpc.max_concurrent_streams': 100,
    'grpc.max_receive_message_length': MIB,
    'grpc.max_send_message_length': 4 * MIB,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.max_connection_idle_ms': 300_000,
    'grpc.max_connection_age_ms': 1_800_000,
    'grpc.max_connection_age_grace_ms': 30_000,
    'grpc-node.max_session_memory': 64,
    'grpc.enable_channelz': 0,
  });
  expect(listenerOptions('gateway', grpc)).toMatchObject({ 'grpc.max_concurrent_streams': 4_000 });
  expect(listenerOptions('gateway', grpc)).not.toHaveProperty('grpc.max_connection_age_ms');
});

test('a live public listener announces 100 streams and 16 KiB of headers', async () => {
  expect(await settingsOf(door.address)).toMatchObject({
    maxConcurrentStreams: 100,
    maxHeaderListSize: MAX_HEADER_BYTES,
    enablePush: false,
  });
});

test("the gateway's live link announces 4000 streams", async () => {
  expect(await settingsOf(door.gatewayAddress!)).toMatchObject({ maxConcurrentStreams: 4_000 });
});

test('a request over 1 MiB is refused, one just below is not', async () => {
  const id = (length: number) => 'x'.repeat(length);
  const near = await refused(call(to.messages, 'getMessage', { queue: 'q', id: id(MIB - 64) }));
  expect(near.reason).toBe('MESSAGE_NOT_FOUND');
  const over = await refused(call(to.messages, 'getMessage', { queue: 'q', id: id(MIB) }));
  expect(over.code).toBe(status.RESOURCE_EXHAUSTED);
});

test('a message that only declares its length is refused before it is sent', async () => {
  const session = await connectHttp2(door.address);
  const stream = openCall(session, AUTHENTICATE);
  const answered = once(stream, 'response');
  const started = performance.now();
  stream.write(Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]));
  const [headers] = (await answered) as [Record<string, string>];
  expect(headers['grpc-status']).toBe(String(status.RESOURCE_EXHAUSTED));
  expect(performance.now() - started).toBeLessThan(1_000);
  session.destroy();
});

test('a small message that unpacks to 64 MiB is refused', async () => {
  const session = await connectHttp2(door.address);
  const stream = openCall(session, AUTHENTICATE, { 'grpc-encoding': 'gzip' });
  const outcome = outcomeOf(stream);
  const packed = gzipSync(Buffer.alloc(64 * MIB));
  const head = Buffer.alloc(5);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(packed.length, 1);
  stream.end(Buffer.concat([head, packed]));
  expect((await outcome).status).toBe(String(status.RESOURCE_EXHAUSTED));
  session.destroy();
});

test('more than 16 KiB of headers are refused and the connection goes on', async () => {
  const session = await connectHttp2(door.address);
  const small = outcomeOf(openCall(session, AUTHENTICATE, { 'x-filler': 'x'.repeat(14_000) }).end(EMPTY_MESSAGE));
  expect((await small).status).toBe('0');
  const fillers = Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`x-filler-${index}`, 'x'.repeat(1_000)]),
  );
  const large = await outcomeOf(openCall(session, AUTHENTICATE, fillers).end(EMPTY_MESSAGE));
  expect(large.status).toBeUndefined();
  expect(large.rstCode).not.toBe(0);
  const after = await outcomeOf(openCall(session, AUTHENTICATE).end(EMPTY_MESSAGE));
  expect(after.status).toBe('0');
  session.destroy();
});

test.each([
  ['beyond ASCII', { 'x-project-id': 'gr\u00f6\u00dfe' }],
  ['empty', { 'x-project-id': '' }],
])('a project header %s never becomes the global project', async (_name, headers) => {
  const session = await connectHttp2(door.address);
  const outcome = await outcomeOf(openCall(session, AUTHENTICATE, headers).end(EMPTY_MESSAGE));
  session.destroy();
  const [info] = Status.decode(outcome.details!).details;
  expect(ErrorInfo.decode(info!.value).reason).toBe('INVALID_PROJECT');
});

test('a project may hold a comma; the header twice is not that project', async () => {
  const once = { 'x-project-id': 'a, b' };
  expect((await call(to.auth, 'authenticate', {}, { metadata: once })).project).toBe('a, b');
  const twice = { 'x-project-id': ['a', 'b'] };
  expect(await refused(call(to.auth, 'authenticate', {}, { metadata: twice }))).toMatchObject({
    reason: 'INVALID_PROJECT',
  });
});

test('over the bound on calls in flight: OVERLOADED with a retry hint, while other classes go on', async () => {
  const gate = shutLatch();
  const held = await startDoor({
    inFlight: { read: 2 },
    wrap: (engine) => ({
      ...engine,
      queues: {
        ...engine.queues,
        find: async (context, name) => {
          await gate.opened;
          return engine.queues.find(context, name);
        },
      },
    }),
  });
  const client = connect(held.address);
  await call(client.queues, 'createQueue', { queue: 'q' });
  const waiting = [1, 2].map(() => call(client.queues, 'getQueue', { queue: 'q' }));
  await call(client.queues, 'createQueue', { queue: 'q' });
  const refusal = await refused(call(client.queues, 'getQueue', { queue: 'q' }));
  expect(refusal).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: 'OVERLOADED', retryMs: 500 });
  expect(refusal.facts).toEqual({ limit_class: 'read' });
  expect(await call(client.admin, 'getStatus', {})).toMatchObject({ draining: false });
  gate.open();
  await Promise.all(waiting);
  await call(client.queues, 'getQueue', { queue: 'q' });
  client.close();
  await held.close();
});
