import { Waiters } from '../../../../src/engine/delivery/waiters.js';
import { ManualTime, settle } from '../../../support/manual-time.js';

let time: ManualTime;
let waiters: Waiters;

beforeEach(() => {
  time = new ManualTime();
  waiters = new Waiters({ timers: time.timers, random: () => 0.5, signals: null, shared: false });
});

/** Parks so many at a queue; gives how often they were woken so far. */
function crowd(uid: string, count: number): () => number {
  let woken = 0;
  for (let n = 0; n < count; n++) {
    const waiter = waiters.enter(uid, null, undefined);
    void waiter.park(null).then(() => woken++);
  }
  return () => woken;
}

describe('the one registry of those who wait', () => {
  it('wakes one of 10 000 idle waiters for one message, whoever waits elsewhere', async () => {
    const here = crowd('q', 10_000);
    const elsewhere = crowd('other', 10_000);
    waiters.notify('q', 1);
    await settle();
    expect([here(), elsewhere()]).toEqual([1, 0]);
    expect(waiters.waiting).toBe(20_000);
  });

  it('listens to no signal that is aborted already: all who never wait may share one', async () => {
    const signal = AbortSignal.abort();
    const listen = jest.spyOn(signal, 'addEventListener');
    const waiter = waiters.enter('q', null, signal);
    expect(await waiter.park(null)).toBe('over');
    waiter.leave(false);
    expect(listen).not.toHaveBeenCalled();
  });

  it('wakes every follower for one message, and of the waiters one', async () => {
    const waiting = crowd('q', 100);
    const watches = Array.from({ length: 50 }, () => waiters.follow('q', undefined).park(1_000));
    waiters.notify('q', 1);
    expect(await Promise.all(watches)).toEqual(Array(50).fill('tryAgain'));
    await settle();
    expect(waiting()).toBe(1);
  });

  it('hands on what was left to the next in line, and says nothing to followers', async () => {
    const waiting = crowd('q', 3);
    const watch = waiters.follow('q', undefined);
    const woken = watch.park(1_000);
    waiters.handOn('q');
    await settle();
    expect(waiting()).toBe(1);
    await time.advance(1_000);
    expect(await woken).toBe('silence');
  });

  it('hands the news of one that leaves unserved on to the next', async () => {
    const first = waiters.enter('q', null, undefined);
    const woken = first.park(null);
    const rest = crowd('q', 2);
    waiters.notify('q', 1);
    await woken;
    first.leave(false);
    await settle();
    expect(rest()).toBe(1);
  });

  it('forgets a queue when the last waiter and the last follower have left', () => {
    const watched: string[] = [];
    const signals = {
      watch: (uid: string) => {
        watched.push(uid);
        return () => void watched.splice(watched.indexOf(uid), 1);
      },
    };
    const shared = new Waiters({ timers: time.timers, random: () => 0.5, signals, shared: true });
    const waiter = shared.enter('q', null, undefined);
    const watch = shared.follow('q', undefined);
    expect(watched).toEqual(['q']);
    waiter.leave(true);
    expect(watched).toEqual(['q']);
    watch.leave();
    expect(watched).toEqual([]);
    expect([shared.waiting, shared.following]).toEqual([0, 0]);
  });

  it('ends every wait when it closes, also one that begins later', async () => {
    const watch = waiters.follow('q', undefined);
    const waiter = waiters.enter('q', null, undefined);
    const parked = [watch.park(1_000), waiter.park(null)];
    waiters.close();
    expect(await Promise.all(parked)).toEqual(['over', 'over']);
    expect(await watch.park(1_000)).toBe('over');
    expect(await waiter.park(null)).toBe('over');
  });
});
