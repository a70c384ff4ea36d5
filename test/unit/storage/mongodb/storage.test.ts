import { MongoNetworkError } from 'mongodb';
import { MongoClock } from '../../../../src/storage/drivers/mongodb/clock.js';
import { MongoStorage, type MongoParts } from '../../../../src/storage/drivers/mongodb/storage.js';
import { traced } from '../../../../src/storage/drivers/mongodb/tracing.js';
import { openMemory } from '../../../../src/storage/drivers/memory/index.js';

/** A storage whose database is asked so, with a clock that was sighted so many milliseconds ago. */
function storage(ask: () => Promise<unknown>, age = 0): MongoStorage {
  const { control, messages } = openMemory();
  const clock = new MongoClock({ offset: 1_000, error: 1, at: 0 }, () => age);
  const rest: Pick<MongoParts, 'pool' | 'end'> = {
    pool: () => ({ open: 0, inUse: 0, waiting: 0 }),
    end: async () => undefined,
  };
  return new MongoStorage({ clock, control, messages, signals: null, transfer: null, ask, ...rest });
}

describe('health', () => {
  test('is good when the primary answers and the time is known', async () => {
    expect(await storage(async () => null).health()).toEqual({ state: 'ok', detail: '' });
  });

  test('tells the operator what the driver said', async () => {
    const health = await storage(() =>
      Promise.reject(new MongoNetworkError('connect ECONNREFUSED 10.0.0.1:27017')),
    ).health();
    expect(health).toMatchObject({ state: 'unavailable', detail: expect.stringContaining('ECONNREFUSED 10.0.0.1') });
  });

  test('says so when the clock is not bounded and nothing is handed out', async () => {
    const { state, detail } = await storage(async () => null, 60_001).health();
    expect(state).toBe('unavailable');
    expect(detail).toMatch(/^no messages are handed out: .*time was not learnt/);
  });

  test('does not wait for ever', async () => {
    jest.useFakeTimers();
    try {
      const health = storage(() => new Promise(() => undefined)).health();
      await jest.advanceTimersByTimeAsync(5_000);
      expect(await health).toEqual({ state: 'unavailable', detail: 'no answer within 5000 ms' });
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a traced store', () => {
  class Counter {
    private count = 0;
    add(by: number): Promise<number> {
      return by < 0 ? Promise.reject(new Error('less')) : Promise.resolve((this.count += by));
    }
    plain(): number {
      return this.count;
    }
  }

  test('answers and fails as the store itself, also by what is not traced', async () => {
    const counter = traced(new Counter(), ['add']);
    expect(await counter.add(2)).toBe(2);
    await expect(counter.add(-1)).rejects.toThrow('less');
    expect(counter.plain()).toBe(2);
  });
});
