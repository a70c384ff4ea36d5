import nacl from 'tweetnacl';
import { CHALLENGE_TTL_MS, MAX_CHALLENGES_PER_KEY } from '../../../../src/transport/zmq/limits.js';
import { Challenges } from '../../../../src/transport/zmq/challenges.js';

const server = nacl.box.keyPair();
const client = nacl.box.keyPair();
const publicKey = Buffer.from(client.publicKey);
const name = publicKey.toString('hex');
let now = 0;
const challenges = () => new Challenges(server, () => now);

type Asked = ReturnType<Challenges['ask']>;
const solve = ({ box, nonce }: Asked, secret = client.secretKey) => {
  const answer = nacl.box.open(box, nonce, server.publicKey, secret);
  return answer === null ? null : Buffer.from(answer);
};

test('who holds the key reads the secret, and nobody else; the nonce is of no other use', () => {
  const asked = challenges().ask(publicKey);
  expect(asked.nonce.subarray(0, 8).toString()).toBe('MarconiS');
  expect(solve(asked)).toHaveLength(32);
  expect(solve(asked, nacl.box.keyPair().secretKey)).toBeNull();
});

test('an answer proves the key, once', () => {
  const desk = challenges();
  const asked = desk.ask(publicKey);
  expect(desk.prove(asked.id, solve(asked)!)).toBe(name);
  expect(() => desk.prove(asked.id, solve(asked)!)).toThrow('proof');
});

test('a wrong answer uses the challenge up', () => {
  const desk = challenges();
  const asked = desk.ask(publicKey);
  expect(() => desk.prove(asked.id, Buffer.alloc(32))).toThrow('proof');
  expect(() => desk.prove(asked.id, solve(asked)!)).toThrow('proof');
});

test('an answer that comes too late is none', () => {
  const desk = challenges();
  const asked = desk.ask(publicKey);
  now += CHALLENGE_TTL_MS;
  expect(() => desk.prove(asked.id, solve(asked)!)).toThrow('proof');
});

test('a key has a few challenges at most: the oldest goes', () => {
  const desk = challenges();
  const asked = Array.from({ length: MAX_CHALLENGES_PER_KEY + 1 }, () => desk.ask(publicKey));
  expect(() => desk.prove(asked[0]!.id, solve(asked[0]!)!)).toThrow('proof');
  expect(desk.prove(asked[1]!.id, solve(asked[1]!)!)).toBe(name);
});

test.each([Buffer.alloc(0), Buffer.alloc(16), Buffer.alloc(100)])('an id that is none is refused', (id) => {
  expect(() => challenges().prove(id, Buffer.alloc(32))).toThrow('proof');
});
