import { call, connect } from '../../support/grpc-client.js';
import { startDoor, type Door } from '../../support/grpc-door.js';
import { DISPATCH } from '../../../src/transport/dispatch.js';
import { MAX_RESETS } from '../../../src/transport/grpc/limits.js';
import {
  connectHttp2,
  EMPTY_MESSAGE,
  framed,
  goawayOf,
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  openCall,
  outcomeOf,
} from '../../support/http2-client.js';
import { once } from 'node:events';
import type { ClientHttp2Session } from 'node:http2';

const PATH = DISPATCH['marconi.v1.AdminService/GetStatus'].path;

let door: Door;

beforeAll(async () => {
  door = await startDoor({ withGateway: true });
});

afterAll(async () => {
  await door.close();
});

/** Opens and resets so many streams, some at a time. */
async function reset(session: ClientHttp2Session, count: number): Promise<void> {
  for (let done = 0; done < count && !session.destroyed; done += 20) {
    const streams = Array.from({ length: Math.min(20, count - done) }, () => openCall(session, PATH));
    const closed = streams.map((stream) => once(stream, 'close').catch(() => undefined));
    for (const stream of streams) stream.close(NGHTTP2_CANCEL);
    await Promise.all(closed);
  }
}

test('as many resets as are allowed leave the connection open', async () => {
  const session = await connectHttp2(door.address);
  await reset(session, MAX_RESETS);
  expect((await outcomeOf(openCall(session, PATH).end(EMPTY_MESSAGE))).status).toBe('0');
  session.destroy();
});

test('a flood of resets ends the connection within a second with ENHANCE_YOUR_CALM, and no other', async () => {
  const good = connect(door.address);
  await call(good.admin, 'getStatus', {});
  const session = await connectHttp2(door.address);
  const goaway = goawayOf(session);
  const started = performance.now();
  await reset(session, 20 * MAX_RESETS);
  expect(await goaway).toBe(NGHTTP2_ENHANCE_YOUR_CALM);
  expect(performance.now() - started).toBeLessThan(1_000);
  expect(door.lines).toContainEqual(expect.objectContaining({ event: 'resets', listener: 'public' }));
  expect(await call(good.admin, 'getStatus', {})).toMatchObject({ draining: false });
  good.close();
});

test('calls that a server answers do not count as resets', async () => {
  const client = connect(door.address);
  for (let done = 0; done < 3 * MAX_RESETS; done += 50) {
    await Promise.all(Array.from({ length: 50 }, () => call(client.auth, 'authenticate', {})));
  }
  expect(door.lines.filter(({ event }) => event === 'resets').length).toBeLessThanOrEqual(1);
  client.close();
});

test("the gateway's link outlives any number of aborted calls", async () => {
  const session = await connectHttp2(door.gatewayAddress!);
  await reset(session, 2 * MAX_RESETS);
  expect((await outcomeOf(openCall(session, PATH).end(EMPTY_MESSAGE))).status).toBe('0');
  session.destroy();
});

test('frames of one byte are put together; the node keeps answering others', async () => {
  const good = connect(door.address);
  const session = await connectHttp2(door.address);
  const streams = Array.from({ length: 10 }, () => openCall(session, PATH));
  const outcomes = streams.map(outcomeOf);
  // A status request holds no field; unknown fields of one byte each are skipped.
  const message = Buffer.alloc(2_000, Buffer.from([0x38, 0x01]));
  for (const byte of framed(message)) {
    for (const stream of streams) stream.write(Buffer.from([byte]));
  }
  const started = performance.now();
  await call(good.admin, 'getStatus', {});
  expect(performance.now() - started).toBeLessThan(2_000);
  for (const stream of streams) stream.end();
  expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual(Array(10).fill('0'));
  session.destroy();
  good.close();
});
