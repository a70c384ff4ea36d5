import { MAX_ENDPOINT_CREDIT, MAX_WORKERS } from '../../../../src/transport/zmq/limits.js';
import { Workers } from '../../../../src/transport/zmq/workers.js';

const SILENCE_MS = 15_000;

test('what all bear is the sum, in the smallest batch, through every change', () => {
  const workers = new Workers(SILENCE_MS);
  expect(workers.share).toEqual({ messages: 0, batch: 1 });
  workers.announce('a', { messages: 10, batch: 5 }, 0);
  workers.announce('b', { messages: 20, batch: 2 }, 0);
  expect(workers.share).toEqual({ messages: 30, batch: 2 });
  workers.announce('b', { messages: 4, batch: 20 }, 0);
  expect(workers.share).toEqual({ messages: 14, batch: 5 });
  workers.leave('a');
  workers.leave('a');
  expect(workers.share).toEqual({ messages: 4, batch: 20 });
  workers.leave('b');
  expect([workers.size, workers.share]).toEqual([0, { messages: 0, batch: 1 }]);
});

test('one that is silent for too long counts no more; each word counts anew', () => {
  const workers = new Workers(SILENCE_MS);
  workers.announce('quiet', { messages: 1, batch: 1 }, 0);
  workers.announce('alive', { messages: 2, batch: 1 }, 0);
  workers.announce('alive', { messages: 2, batch: 1 }, 10_000);
  workers.forgetSilent(SILENCE_MS - 1);
  expect(workers.size).toBe(2);
  workers.forgetSilent(SILENCE_MS);
  expect([workers.size, workers.share.messages]).toEqual([1, 2]);
});

test('workers and their sum are bounded; those that are known may always speak', () => {
  const workers = new Workers(SILENCE_MS);
  for (let n = 0; n < MAX_WORKERS; n++) workers.announce(String(n), { messages: 65_536, batch: 1 }, 0);
  expect(workers.share.messages).toBe(MAX_ENDPOINT_CREDIT);
  expect(() => workers.announce('more', { messages: 1, batch: 1 }, 0)).toThrow(/workers at most/);
  workers.announce('0', { messages: 1, batch: 1 }, 1);
  expect(workers.size).toBe(MAX_WORKERS);
});
