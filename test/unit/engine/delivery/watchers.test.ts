import { Watchers, type Watch } from '../../../../src/engine/delivery/watchers.js';
import { ManualTime } from '../../../support/manual-time.js';

describe('those who follow a queue', () => {
  let time: ManualTime;
  let watchers: Watchers;
  let over: boolean;
  let left: number;

  beforeEach(() => {
    time = new ManualTime();
    watchers = new Watchers(time.timers);
    over = false;
    left = 0;
  });

  const enter = (signal?: AbortSignal): Watch =>
    watchers.enter(
      signal,
      () => over,
      () => left++,
    );

  it('wakes all that are parked', async () => {
    const parked = [enter(), enter(), enter()].map((watch) => watch.park(1_000));
    watchers.wakeAll('tryAgain');
    expect(await Promise.all(parked)).toEqual(['tryAgain', 'tryAgain', 'tryAgain']);
  });

  it('tells once of much news that came while one read', async () => {
    const watch = enter();
    for (let news = 0; news < 100; news++) watchers.wakeAll('tryAgain');
    expect(await watch.park(1_000)).toBe('tryAgain');
    const second = watch.park(1_000);
    await time.advance(1_000);
    expect(await second).toBe('silence');
  });

  it('tells of silence after its time, not before, and not when there was news', async () => {
    const watch = enter();
    let woken: string | null = null;
    void watch.park(1_000).then((wake) => (woken = wake));
    await time.advance(999);
    expect(woken).toBeNull();
    await time.advance(1);
    expect(woken).toBe('silence');

    const parked = watch.park(1_000);
    watchers.wakeAll('tryAgain');
    await time.advance(2_000);
    expect(await parked).toBe('tryAgain');
  });

  it('is over when the caller gives up, while parked, before, and for everybody', async () => {
    const gone = new AbortController();
    const watch = enter(gone.signal);
    const parked = watch.park(1_000);
    gone.abort();
    expect(await parked).toBe('over');
    expect(await watch.park(1_000)).toBe('over');
    const other = enter();
    over = true;
    expect(await other.park(1_000)).toBe('over');
  });

  it('knows who is there', () => {
    const [one, other] = [enter(), enter()];
    expect(watchers.size).toBe(2);
    one.leave();
    other.leave();
    expect([watchers.size, left]).toEqual([0, 2]);
  });
});
