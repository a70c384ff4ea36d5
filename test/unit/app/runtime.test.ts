import { randomIds } from '../../../src/app/runtime.js';

/** More than are drawn from the operating system at once. */
const MANY = 5_000;

test.each([
  ['batch', /^[\w-]{16}$/],
  ['claim', /^[\w-]{20}$/],
  ['queueUid', /^[0-9a-f]{32}$/],
] as const)('Random names are never given twice, and those of a %s are whole', (kind, form) => {
  const names = Array.from({ length: MANY }, () => randomIds[kind]());
  expect(new Set(names).size).toBe(MANY);
  expect(names.filter((name) => !form.test(name))).toEqual([]);
});

test('Names of different kinds share no bytes', () => {
  const tails = Array.from({ length: MANY }, () => [
    Buffer.from(randomIds.batch(), 'base64url').toString('hex'),
    Buffer.from(randomIds.claim(), 'base64url').toString('hex').slice(0, 24),
    randomIds.queueUid().slice(0, 24),
  ]).flat();
  expect(new Set(tails).size).toBe(tails.length);
});
