/** The judge of the suite itself: it excepts what is listed, and nothing else. */
import { DoorRefusal, Unsayable } from '../support/doors/index.js';
import { Exceptions } from './exceptions.js';

const LISTED = 'clients > need no id';
const passes = () => Promise.resolve();
const fails = (error: Error) => () => Promise.reject(error);
const refusal = new DoorRefusal('INVALID_REQUEST', [], 'no');

test('a case that passes is the same, and one that fails is thrown', async () => {
  const exceptions = new Exceptions();
  expect(await exceptions.judge('gRPC', LISTED, passes)).toBe('same');
  await expect(exceptions.judge('gRPC', LISTED, fails(refusal))).rejects.toBe(refusal);
});

test('what is listed may be answered otherwise, but not pass', async () => {
  const exceptions = new Exceptions();
  expect(await exceptions.judge('REST', LISTED, fails(refusal))).toBe('otherwise');
  await expect(exceptions.judge('REST', LISTED, passes)).rejects.toThrow('no exception');
});

test('a fault is no answer, listed or not', async () => {
  const fault = new TypeError('x is not a function');
  await expect(new Exceptions().judge('REST', LISTED, fails(fault))).rejects.toBe(fault);
});

test('a door may leave unsaid what is listed, and nothing else', async () => {
  const exceptions = new Exceptions();
  expect(await exceptions.judge('REST', 'any', fails(new Unsayable('pop')))).toBe('not said');
  await expect(exceptions.judge('gRPC', 'any', fails(new Unsayable('pop')))).rejects.toThrow('cannot say: pop');
  expect(exceptions.unused()).not.toContain('REST: cannot say: pop');
  expect(exceptions.unused()).toContain('REST: cannot say: epoch');
});
