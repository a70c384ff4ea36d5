import { decide } from '../../../../src/transport/zmq/zap.js';

const key = Buffer.alloc(32, 7);
const domains = new Map([['blue', (publicKey: string) => publicKey === key.toString('hex')]]);
const question = (domain: string, mechanism: string, ...credentials: Buffer[]) => [
  ...['1.0', '42', domain, '127.0.0.1', 'id', mechanism].map((text) => Buffer.from(text)),
  ...credentials,
];

test('a key of the domain is admitted, under the id of the question', () => {
  const { reply, refused } = decide(question('blue', 'CURVE', key), domains);
  expect(refused).toBeNull();
  expect(reply.map(String)).toEqual(['1.0', '42', '200', 'OK', '', '']);
});

test.each([
  ['another key', question('blue', 'CURVE', Buffer.alloc(32, 8)), 'unknown_key'],
  ['a key that is too short', question('blue', 'CURVE', key.subarray(1)), 'no_curve'],
  ['no key', question('blue', 'CURVE'), 'no_curve'],
  ['no mechanism', question('blue', 'NULL'), 'no_curve'],
  ['a name and a password', question('blue', 'PLAIN', Buffer.from('a'), Buffer.from('b')), 'no_curve'],
  ['another domain', question('red', 'CURVE', key), 'no_domain'],
  ['no domain', question('', 'CURVE', key), 'no_domain'],
  ['nothing at all', [], 'no_domain'],
])('%s is refused', (_name, frames, cause) => {
  const { reply, refused } = decide(frames, domains);
  expect(refused?.cause).toBe(cause);
  expect(String(reply[2])).toBe('400');
});
