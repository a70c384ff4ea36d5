import type { Engine } from '../../../src/engine/api.js';
import { testEngine } from '../../support/engine.js';
import { ManualTime } from '../../support/manual-time.js';
import { Random } from '../../support/random.js';
import { SharedMemory } from '../../support/shared-memory.js';

describe('background work of several cores on one storage', () => {
  let time: ManualTime;
  let shared: SharedMemory;
  let engines: Engine[];
  /** When each core swept and looked for orphans, in milliseconds since the start. */
  let swept: number[][];
  let collected: number[][];

  beforeEach(() => {
    time = new ManualTime();
    shared = new SharedMemory(time);
    swept = [];
    collected = [];
    engines = [1, 2, 3].map((seed) => core(seed));
  });

  afterEach(() => Promise.all(engines.map((engine) => engine.drain())));

  function core(seed: number): Engine {
    const random = new Random(seed);
    const storage = shared.core(`core${seed}`);
    const start = time.now();
    const sweeps: number[] = [];
    const collections: number[] = [];
    swept.push(sweeps);
    collected.push(collections);
    const messages = new Proxy(storage.messages, {
      get: (target, key) => {
        if (key === 'sweep') sweeps.push(time.now() - start);
        if (key === 'openQueues') collections.push(time.now() - start);
        return (Reflect.get(target, key) as () => unknown).bind(target);
      },
    });
    return testEngine({ ...storage, messages }, { timers: time.timers, random: () => random.next() });
  }

  it('sweeps about once a second on each, and not in step', async () => {
    await time.advance(100_000);
    for (const moments of swept) {
      expect(moments.length).toBeGreaterThan(85);
      expect(moments.length).toBeLessThan(115);
      moments.reduce((before, at) => {
        expect(at - before).toBeGreaterThanOrEqual(500);
        expect(at - before).toBeLessThan(1_500);
        return at;
      }, 0);
    }
    expect(new Set(swept.flat()).size).toBe(swept.flat().length);
  });

  it('looks for orphans about every ten seconds on each, and not in step', async () => {
    await time.advance(300_000);
    for (const moments of collected) {
      expect(moments.length).toBeGreaterThan(24);
      expect(moments.length).toBeLessThan(36);
    }
    expect(new Set(collected.flat()).size).toBe(collected.flat().length);
  });

  it('leaves what another core is just making, and frees once what it never named', async () => {
    const storage = shared.core('crashed');
    const orphan = { kind: 'open', queue: { uid: 'orphan', pool: 'default' } } as const;
    await storage.messages.apply({ ops: [orphan], now: time.now() });
    await time.advance(59_000);
    expect(await storage.messages.openQueues('', 10)).toHaveLength(1);
    await time.advance(20_000);
    expect(await storage.messages.openQueues('', 10)).toEqual([]);
  });
});
