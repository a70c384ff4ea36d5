import { MongoNetworkError, MongoServerError } from 'mongodb';
import { retrying } from '../../../../src/storage/drivers/mongodb/retrying.js';

const broken = () => new MongoNetworkError('reset');

function outside(msATry = 0) {
  let now = 0;
  const pauses: number[] = [];
  const deps = {
    monotonic: () => now,
    pause: async (tries: number) => {
      pauses.push(tries);
    },
  };
  const failing = (failures: number, error: () => Error = broken) => {
    let tries = 0;
    return async (doubtful: boolean) => {
      now += msATry;
      if (tries++ < failures) throw error();
      return { tries, doubtful };
    };
  };
  return { deps, pauses, failing };
}

test('a step that succeeds is done once', async () => {
  const { deps, pauses, failing } = outside();
  expect(await retrying(failing(0), deps)).toEqual({ tries: 1, doubtful: false });
  expect(pauses).toEqual([]);
});

test('one that fails in passing is done again, told that it may have been done, with a pause between', async () => {
  const { deps, pauses, failing } = outside();
  expect(await retrying(failing(2), deps)).toEqual({ tries: 3, doubtful: true });
  expect(pauses).toEqual([1, 2]);
});

test('after five tries the last failure is told', async () => {
  const { deps, pauses, failing } = outside();
  await expect(retrying(failing(5), deps)).rejects.toThrow('reset');
  expect(pauses).toHaveLength(4);
  expect(await retrying(failing(4), deps)).toMatchObject({ tries: 5 });
});

test('no try begins after ten seconds', async () => {
  const { deps, pauses, failing } = outside(5_000);
  await expect(retrying(failing(3), deps)).rejects.toThrow('reset');
  expect(pauses).toEqual([1]);
});

test('what does not pass is told at once', async () => {
  const { deps, pauses, failing } = outside();
  const refused = () => new MongoServerError({ code: 13, errmsg: 'not authorized' });
  await expect(retrying(failing(1, refused), deps)).rejects.toThrow('not authorized');
  expect(pauses).toEqual([]);
});
