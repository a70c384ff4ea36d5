import { MongoClock, sight, type Sighting } from '../../../../src/storage/drivers/mongodb/clock.js';
import { ClockKeeper, firstSighting } from '../../../../src/storage/drivers/mongodb/clock-keeper.js';
import { ManualTime, settle } from '../../../support/manual-time.js';

/** The server's time at monotonic 0. */
const SERVER = 1_700_000_000_000;

/** A core's monotonic clock, and a server's clock that may be moved by itself. */
class TwoClocks {
  monotonic = 1_000;
  serverShift = 0;
  readonly clock = (): number => this.monotonic;

  sighting(error = 2, offset = SERVER + this.serverShift): Sighting {
    return { offset, error, at: this.monotonic };
  }

  /** Asks over a way that takes so long there and back. */
  ask(there: number, back: number): Promise<number> {
    this.monotonic += there;
    const told = Math.floor(SERVER + this.serverShift + this.monotonic);
    this.monotonic += back;
    return Promise.resolve(told);
  }
}

let clocks: TwoClocks;
beforeEach(() => (clocks = new TwoClocks()));
const open = (first = clocks.sighting()): MongoClock => new MongoClock(first, clocks.clock);

describe('a sighting', () => {
  test.each([
    [0, 0],
    [0.4, 0.4],
    [5, 5],
    [0, 80],
    [80, 0],
    [700, 1_300],
  ])('over a way of %d ms there and %d ms back is wrong by no more than it says', async (there, back) => {
    const { offset, error } = await sight(() => clocks.ask(there, back), clocks.clock);
    expect(error).toBeCloseTo((there + back) / 2 + 1, 6);
    expect(Math.abs(offset - SERVER)).toBeLessThanOrEqual(error);
  });

  test('of the first few the sharpest counts', async () => {
    const ways = [90, 30, 4, 50, 6];
    const first = await firstSighting(() => sight(() => clocks.ask(ways.shift()!, 0), clocks.clock));
    expect(first.error).toBe(3);
    expect(ways).toHaveLength(0);
  });

  test('when the first one cannot be had, that is told', async () => {
    await expect(firstSighting(() => Promise.reject(new Error('no primary')))).rejects.toThrow('no primary');
  });
});

describe('the clock', () => {
  test("is the server's time in whole milliseconds, moved on by the monotonic clock", () => {
    const clock = open();
    expect(clock.now()).toBe(SERVER + 1_000);
    clocks.monotonic += 1_234.9;
    expect(clock.now()).toBe(SERVER + 2_234);
  });

  test('is not moved by the wall clock of its machine', () => {
    const clock = open();
    const real = Date.now;
    try {
      Date.now = () => real() + 3_600_000;
      expect(clock.now()).toBe(SERVER + 1_000);
      expect(clock.bounded).toBe(true);
    } finally {
      Date.now = real;
    }
  });

  test('two cores whose sightings are wrong by all they may be are within the skew', () => {
    const fast = open(clocks.sighting(500, SERVER + 500));
    const slow = open(clocks.sighting(500, SERVER - 500));
    expect(fast.now() - slow.now()).toBeLessThanOrEqual(fast.skew);
    expect([fast.bounded, slow.bounded]).toEqual([true, true]);
  });

  test('prefers the sharper sighting, and a fresh one once drift has made the old one as blunt', () => {
    const clock = open(clocks.sighting(2));
    clock.sighted(clocks.sighting(8, SERVER + 5));
    expect(clock.now()).toBe(SERVER + 1_000);
    clock.sighted(clocks.sighting(1, SERVER + 1));
    expect(clock.now()).toBe(SERVER + 1_001);
    clocks.monotonic += 10_000;
    clock.sighted(clocks.sighting(8, SERVER + 7));
    expect(clock.now()).toBe(SERVER + 11_007);
  });

  test('follows a server that is another one now, also by a blunter sighting', () => {
    const clock = open(clocks.sighting(2));
    clock.sighted(clocks.sighting(40, SERVER + 300));
    expect(clock.now()).toBe(SERVER + 1_300);
  });

  test('never goes back: it stands until the time has caught up', () => {
    const clock = open();
    const before = clock.now();
    clock.sighted(clocks.sighting(2, SERVER - 300));
    expect(clock.now()).toBe(before);
    clocks.monotonic += 200;
    expect(clock.now()).toBe(before);
    clocks.monotonic += 150;
    expect(clock.now()).toBe(before + 50);
    expect(clock.bounded).toBe(true);
  });

  test('takes no message while it stands far before the time', () => {
    const clock = open();
    clock.now();
    clock.sighted(clocks.sighting(2, SERVER - 3_600_000));
    expect(clock.bounded).toBe(false);
    expect(clock.mayTake()).toMatchObject({ reason: 'STORAGE_UNAVAILABLE', retryAfterMs: 1_000 });
    expect(clock.mayTake()?.message).toContain('went back');
    clocks.monotonic += 3_600_000 - 450;
    clock.sighted(clocks.sighting(2, SERVER - 3_600_000));
    expect(clock.bounded).toBe(true);
    expect(clock.mayTake()).toBeNull();
  });

  test('takes no message when it was not sighted well for a minute, and does again after a good sighting', () => {
    const clock = open();
    clocks.monotonic += 60_000;
    expect(clock.bounded).toBe(true);
    clocks.monotonic += 1;
    expect(clock.mayTake()?.message).toContain('was not learnt');
    clock.sighted(clocks.sighting(501));
    expect(clock.bounded).toBe(false);
    clock.sighted(clocks.sighting(499));
    expect(clock.bounded).toBe(true);
  });

  test('takes no message when its first sighting was too blunt', () => {
    expect(open(clocks.sighting(501)).bounded).toBe(false);
  });
});

describe('keeping it', () => {
  const time = () => new ManualTime();
  const keep = (manual: ManualTime, look: () => Promise<Sighting>) => {
    const clock = open();
    const seen: number[] = [];
    const started = manual.now();
    const keeper = new ClockKeeper(clock, {
      look: () => {
        seen.push(manual.now() - started);
        return look();
      },
      after: manual.timers.after,
    });
    keeper.start();
    return { clock, keeper, seen };
  };

  test('looks every 10 s, and takes what it sees', async () => {
    const manual = time();
    const { clock, keeper, seen } = keep(manual, () => Promise.resolve(clocks.sighting(1, SERVER + 1)));
    await manual.advance(30_000);
    expect(seen).toEqual([10_000, 20_000, 30_000]);
    expect(clock.now()).toBe(SERVER + 1_001);
    keeper.stop();
    await manual.advance(60_000);
    expect(seen).toHaveLength(3);
  });

  test('looks every second while it sees nothing, or nothing good', async () => {
    const manual = time();
    let answers = 0;
    const { keeper, seen } = keep(manual, () =>
      ++answers < 3 ? Promise.reject(new Error('away')) : Promise.resolve(clocks.sighting()),
    );
    await manual.advance(25_000);
    expect(seen).toEqual([10_000, 11_000, 12_000, 22_000]);
    keeper.stop();
  });

  test('looks at once when told to, and once more when told while it looks', async () => {
    const manual = time();
    const waiting: ((sighting: Sighting) => void)[] = [];
    const { keeper, seen } = keep(manual, () => new Promise((resolve) => waiting.push(resolve)));
    keeper.hurry();
    await manual.advance(5);
    keeper.hurry();
    keeper.hurry();
    await manual.advance(5);
    expect(seen).toEqual([0]);
    waiting.pop()!(clocks.sighting());
    await settle();
    await manual.advance(5);
    expect(seen).toHaveLength(2);
    waiting.pop()!(clocks.sighting());
    await manual.advance(9_000);
    expect(seen).toHaveLength(2);
    keeper.stop();
  });
});
