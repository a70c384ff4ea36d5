import { MAX_SESSIONS } from '../../../../src/transport/zmq/limits.js';
import { Sessions, type Session } from '../../../../src/transport/zmq/session.js';

let now = 0;
const ended: Session[] = [];
let sessions: Sessions;

beforeEach(() => {
  now = 0;
  ended.length = 0;
  sessions = new Sessions({ ttlMs: 1_000, now: () => now, ended: (session) => void ended.push(session) });
});

const refusal = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return (error as { metadata: { fault: string } }).metadata.fault;
  }
  return null;
};

test('a sequence rises, with gaps as it likes; a repetition and a step back are refused', () => {
  const session = sessions.begin('key', 'p');
  expect(sessions.enter(session.token, 5n)).toBe(session);
  expect(refusal(() => sessions.enter(session.token, 5n))).toBe('replay');
  expect(refusal(() => sessions.enter(session.token, 4n))).toBe('replay');
  expect(sessions.enter(session.token, 2n ** 64n - 1n)).toBe(session);
  expect(refusal(() => sessions.enter(session.token, 0n))).toBe('replay');
});

test('the first sequence is above 0', () => {
  expect(refusal(() => sessions.enter(sessions.begin('', null).token, 0n))).toBe('replay');
});

test('a session ends at its time, and is forgotten by the next that begins', () => {
  const first = sessions.begin('key', 'p');
  now = 999;
  sessions.enter(first.token, 1n);
  now = 1_000;
  sessions.begin('other', 'p');
  expect(ended).toEqual([first]);
  expect(refusal(() => sessions.enter(first.token, 2n))).toBe('session');
});

test('one that is over is refused also before anything forgets it', () => {
  const { token } = sessions.begin('key', 'p');
  now = 1_000;
  expect(refusal(() => sessions.enter(token, 1n))).toBe('session');
  expect(sessions.size).toBe(0);
});

test("a key's sessions are bounded: the oldest ends, of no other key", () => {
  const other = sessions.begin('other', 'p');
  const own = Array.from({ length: MAX_SESSIONS.perKey + 2 }, () => sessions.begin('key', 'p'));
  expect(ended).toEqual(own.slice(0, 2));
  expect(sessions.size).toBe(MAX_SESSIONS.perKey + 1);
  expect(sessions.enter(other.token, 1n)).toBe(other);
});

test('tokens are long and never alike', () => {
  const tokens = new Set(Array.from({ length: 1_000 }, () => sessions.begin('', null).token.toString('hex')));
  expect(tokens.size).toBe(1_000);
  expect([...tokens][0]).toHaveLength(48);
});
