import { makeKeyPair } from '../../../../src/auth/curve/key-pair.js';
import { decodeKey } from '../../../../src/auth/curve/z85.js';
import { MAX_TOPIC_BYTES } from '../../../../src/transport/zmq/limits.js';
import { topicKey, Topics } from '../../../../src/transport/zmq/topics.js';

let now = 1_800_000_000;
const key = topicKey(null);
const topics = new Topics(key, () => now);
const bytes = (text: string) => Buffer.from(text, 'latin1');
const blue = { project: 'blue', queue: 'jobs' };

beforeEach(() => (now = 1_800_000_000));

test('a topic is read as what it was granted for, whatever the project is called', () => {
  for (const project of [null, 'blue', 'a/b', '%2F', 'ü ñ', '\u{1F600}'.repeat(256), '//']) {
    const granted = topics.grant('pub', { project, queue: 'jobs' });
    expect(granted.text.length).toBeLessThanOrEqual(MAX_TOPIC_BYTES);
    expect(topics.read('pub', bytes(granted.text))).toEqual(granted);
  }
});

test('the global project is nobody else, and no two queues share a topic', () => {
  const texts = [
    topics.grant('pub', { project: null, queue: 'jobs' }),
    topics.grant('pub', blue),
    topics.grant('pub', { project: 'blue', queue: 'job' }),
    topics.grant('pub', { project: 'blu', queue: 'jobs' }),
    topics.grant('other', blue),
  ].map(({ text }) => text);
  expect(new Set(texts).size).toBe(texts.length);
  // A subscription hears all that begins with it.
  for (const one of texts) expect(texts.filter((other) => other.startsWith(one))).toEqual([one]);
});

test('nothing but the whole topic at its own endpoint is one', () => {
  const { text } = topics.grant('pub', blue);
  const wrong = Array.from({ length: text.length }, (_, at) => text.slice(0, at));
  wrong.push(
    `${text}x`,
    ` ${text}`,
    text.replace('blue', 'red'),
    text.replace('jobs', 'job2'),
    text.replace('/blue/', '//'),
  );
  wrong.push(text.replace('blue', '%62lue'), text.replace('/', '=/'), `${text}/`, 'x'.repeat(100_000));
  for (let at = 0; at < 30; at++)
    wrong.push(`${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`);
  for (const one of wrong) expect(topics.read('pub', bytes(one))).toBeNull();
  expect(topics.read('other', bytes(text))).toBeNull();
  expect(topics.read('pub', bytes(text))).not.toBeNull();
});

test('each text of base64 that means the same bytes is refused, but for one', () => {
  const { text } = topics.grant('pub', blue);
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const good = [...alphabet].filter(
    (last) => topics.read('pub', bytes(text.slice(0, 29) + last + text.slice(30))) !== null,
  );
  expect(good).toEqual([text[29]]);
});

test('those who ask within an hour share a topic; it lives for an hour at the least, and is over then', () => {
  const first = topics.grant('pub', blue);
  expect(first.expires % 3600).toBe(0);
  expect(first.expires - now).toBeGreaterThanOrEqual(3600);
  expect(first.expires - now).toBeLessThanOrEqual(7200);
  now = first.expires - 3600;
  expect(topics.grant('pub', blue)).toEqual(first);
  now += 1;
  const second = topics.grant('pub', blue);
  expect(second.expires).toBe(first.expires + 3600);
  now = first.expires - 1;
  expect(topics.read('pub', bytes(first.text))).toEqual(first);
  now = first.expires;
  expect(topics.read('pub', bytes(first.text))).toBeNull();
  expect(topics.read('pub', bytes(second.text))).toEqual(second);
});

test("the key is the server's: the same after a restart, and another one's is of no use", () => {
  const pair = () => {
    const { publicKey, secretKey } = makeKeyPair();
    return { publicKey: decodeKey(publicKey)!, secretKey: decodeKey(secretKey)! };
  };
  const server = pair();
  const { text } = new Topics(topicKey(server), () => now).grant('pub', blue);
  expect(new Topics(topicKey({ ...server }), () => now).read('pub', bytes(text))).not.toBeNull();
  for (const other of [topicKey(pair()), topicKey(null)]) {
    expect(new Topics(other, () => now).read('pub', bytes(text))).toBeNull();
  }
});
