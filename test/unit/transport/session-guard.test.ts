import { EventEmitter } from 'node:events';
import { constants, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import {
  HANDSHAKE_TIMEOUT_MS,
  MAX_RESETS,
  REQUEST_TIMEOUT_MS,
  RESET_WINDOW_MS,
} from '../../../src/transport/grpc/limits.js';
import { SessionGuard } from '../../../src/transport/grpc/session-guard.js';

const { NGHTTP2_CANCEL, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_NO_ERROR } = constants;

/** What the guard uses of a session; time is jest's. */
class FakeSession extends EventEmitter {
  destroyed = false;
  readonly goaways: number[] = [];
  readonly socket = { remoteAddress: '127.0.0.1' };

  goaway(code: number): void {
    this.goaways.push(code);
  }

  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

class FakeStream extends EventEmitter {
  destroyed = false;
  rstCode: number = NGHTTP2_NO_ERROR;
  readonly state = { remoteClose: 0 };

  close(code: number): void {
    this.rstCode = code;
    this.destroyed = true;
    this.emit('close');
  }
}

const UNARY = '/unary';

function guarded() {
  const session = new FakeSession();
  const events: string[] = [];
  const guard = new SessionGuard(session as unknown as ServerHttp2Session, {
    isUnary: (path) => path === UNARY,
    onEvent: (event) => events.push(event),
  });
  const open = (path = UNARY): FakeStream => {
    const stream = new FakeStream();
    guard.watch(stream as unknown as ServerHttp2Stream, path);
    return stream;
  };
  return { session, events, guard, open };
}

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

test('a connection that never sends its settings is closed after 10 s', () => {
  const { session, events } = guarded();
  jest.advanceTimersByTime(HANDSHAKE_TIMEOUT_MS - 1);
  expect(session.goaways).toEqual([]);
  jest.advanceTimersByTime(2);
  expect(session).toMatchObject({ destroyed: true, goaways: [NGHTTP2_ENHANCE_YOUR_CALM] });
  expect(events).toEqual(['handshake']);
});

test('one that does is left alone', () => {
  const { session } = guarded();
  session.emit('remoteSettings');
  jest.advanceTimersByTime(10 * HANDSHAKE_TIMEOUT_MS);
  expect(session.destroyed).toBe(false);
});

test('the 201st reset within 10 s ends the connection, once', () => {
  const { session, events, open } = guarded();
  session.emit('remoteSettings');
  for (let count = 0; count < MAX_RESETS; count++) open().close(NGHTTP2_CANCEL);
  expect(session.goaways).toEqual([]);
  open().close(NGHTTP2_CANCEL);
  open().close(NGHTTP2_CANCEL);
  // Not within the reading of the frame: Node.js would abort the process.
  expect(session.destroyed).toBe(false);
  jest.advanceTimersByTime(1);
  expect(session).toMatchObject({ destroyed: true, goaways: [NGHTTP2_ENHANCE_YOUR_CALM] });
  expect(events).toEqual(['resets']);
});

test('resets that are spread out, and streams that end well, do not', () => {
  const { session, open } = guarded();
  session.emit('remoteSettings');
  for (let count = 0; count < 3 * MAX_RESETS; count++) {
    open().close(NGHTTP2_CANCEL);
    for (let good = 0; good < 5; good++) open().close(NGHTTP2_NO_ERROR);
    jest.advanceTimersByTime(RESET_WINDOW_MS / MAX_RESETS + 1);
  }
  expect(session.goaways).toEqual([]);
});

test('a request that is not there whole after 30 s is reset; one that waits for its answer is not', () => {
  const { session, events, guard, open } = guarded();
  session.emit('remoteSettings');
  const half = open();
  const whole = open();
  whole.state.remoteClose = 1;
  const streaming = open('/stream');
  jest.advanceTimersByTime(REQUEST_TIMEOUT_MS - 1_000);
  const late = open();
  guard.sweep(performance.now());
  expect(half.destroyed).toBe(false);
  jest.advanceTimersByTime(1_000);
  guard.sweep(performance.now());
  expect(half.rstCode).toBe(NGHTTP2_ENHANCE_YOUR_CALM);
  expect([whole, streaming, late].map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  expect(events).toEqual(['request']);
});
