import { MongoNetworkTimeoutError } from 'mongodb';
import { isRetryable } from '../../../../src/storage/drivers/mongodb/errors.js';
import { inTime, longestCommand } from '../../../../src/storage/drivers/mongodb/in-time.js';
import { DEFAULT_TUNING } from '../../../../src/storage/drivers/mongodb/options.js';

test('what ends in time ends as it does', async () => {
  await expect(inTime(1_000, () => Promise.resolve(7))).resolves.toBe(7);
  await expect(inTime(1_000, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('what does not end is a broken connection, which may be tried again', async () => {
  const thrown: unknown = await inTime(10, () => new Promise(() => undefined)).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(MongoNetworkTimeoutError);
  expect(isRetryable(thrown)).toBe(true);
});

test('a command that is stuck is given up before the gateway gives up the call', () => {
  expect(longestCommand(DEFAULT_TUNING)).toBe(11_000);
  expect(longestCommand({ timeoutMs: 200_000 })).toBe(201_000);
});
