import { Lookout } from '../../../src/engine/delivery/lookout.js';
import { ManualTime } from '../../support/manual-time.js';
import { Random } from '../../support/random.js';

const names = (count: number) => Array.from({ length: count }, (_, i) => `q${i}`);

function lookout(random = () => 0.5) {
  const time = new ManualTime();
  const seen: { uid: string; at: number }[] = [];
  const start = time.now();
  const watched = new Lookout(time.timers, random, (uid) => seen.push({ uid, at: time.now() - start }));
  return { time, seen, watched };
}

describe('looking at queues from time to time', () => {
  it('looks at each every 4 seconds after it came', async () => {
    const { time, seen, watched } = lookout();
    watched.add('a');
    await time.advance(1_000);
    watched.add('b');
    await time.advance(8_000);
    expect(seen).toEqual([
      { uid: 'a', at: 4_000 },
      { uid: 'b', at: 5_000 },
      { uid: 'a', at: 8_000 },
      { uid: 'b', at: 9_000 },
    ]);
  });

  it('bounds the looks of a second, and then looks at each more seldom but at all of them', async () => {
    const { time, seen, watched } = lookout();
    for (const uid of names(1_000)) watched.add(uid);
    await time.advance(4_000 + 7_750);
    expect(seen).toHaveLength(1_000 + 24);
    expect(new Set(seen.slice(0, 1_000).map(({ uid }) => uid)).size).toBe(1_000);
    const perSecond = new Map<number, number>();
    for (const { at } of seen) perSecond.set(Math.floor(at / 1_000), (perSecond.get(Math.floor(at / 1_000)) ?? 0) + 1);
    expect(Math.max(...perSecond.values())).toBeLessThanOrEqual(128);
  });

  it('stops with the last queue and goes on with the next, also when a look ends the wait', async () => {
    const time = new ManualTime();
    let looks = 0;
    const watched: Lookout = new Lookout(
      time.timers,
      () => 0.5,
      (uid) => {
        looks++;
        watched.remove(uid);
      },
    );
    watched.add('a');
    await time.advance(20_000);
    expect(looks).toBe(1);
    watched.add('b');
    await time.advance(20_000);
    expect(looks).toBe(2);
  });

  it('is not in step with another one that began at the same time', async () => {
    const moments = await Promise.all(
      [1, 2].map(async (seed) => {
        const random = new Random(seed);
        const { time, seen, watched } = lookout(() => random.next());
        watched.add('a');
        await time.advance(20_000);
        return seen.map(({ at }) => at);
      }),
    );
    expect(moments[0]).not.toEqual(moments[1]);
    for (const at of moments.flat()) expect(at).toBeLessThan(20_000);
    expect(moments[0]!.length).toBeGreaterThanOrEqual(3);
  });
});
