import { checkHistory, History, RULES } from '../support/history/index.js';
import { PLANTED } from '../support/history/planted.js';
import { simulate } from './simulation.js';

const STEPS = 1_500;
const SEEDS = [1, 2, 3];

describe('the history checker', () => {
  it.each(SEEDS)('finds nothing wrong with the reference model, seed %d', async (seed) => {
    const history = await simulate({ seed, steps: STEPS });
    expect(checkHistory(history)).toEqual([]);
    expect(history.size).toBeGreaterThan(STEPS * 0.8);
  });

  it.each(PLANTED)('catches an engine that $bug', async ({ wrap, rules }) => {
    for (const seed of SEEDS) {
      const violations = checkHistory(await simulate({ seed, steps: STEPS, wrap }));
      expect(violations.map(({ rule }) => rule)).toEqual(expect.arrayContaining([...rules]));
    }
  });

  it('has a planted bug for every rule but the one for unfinished histories', () => {
    const covered = new Set(PLANTED.flatMap(({ rules }) => rules));
    expect(RULES.filter((rule) => !covered.has(rule))).toEqual(['unfinished']);
  });

  it('refuses to judge a history without its end', () => {
    const history = new History();
    history.invoke('p', { kind: 'post', queue: 'q', values: ['p:0'], ttl: 60, keyed: false }).ok({ ids: ['m-0'] });
    expect(checkHistory(history)).toMatchObject([{ rule: 'unfinished', queue: 'q' }]);
  });

  it('finds the same in a history that was written and read again', async () => {
    const { wrap } = PLANTED[0]!;
    const history = await simulate({ seed: 1, steps: STEPS, wrap });
    const copy = new History().absorb(history.lines());
    expect(copy.records()).toEqual(history.records());
    expect(checkHistory(copy)).toEqual(checkHistory(history));
    expect(checkHistory(copy)).not.toEqual([]);
  });

  it('keeps queues apart', async () => {
    const [one, two] = [await simulate({ seed: 1, steps: 500 }), await simulate({ seed: 2, steps: 500 })];
    expect(checkHistory([...one.records(), ...two.records()])).toEqual([]);
  });
});

describe('what the checker does not blame the engine for', () => {
  const queue = 'q';
  const record = (write: (history: History, tick: (ms: number) => void) => void) => {
    let now = 0;
    const history = new History({ clock: () => now });
    write(history, (ms) => (now += ms));
    history.invoke('end', { kind: 'stored', queue }).ok({ messages: [] });
    return checkHistory(history);
  };
  const post = (history: History, ttl = 3_600) =>
    history.invoke('p', { kind: 'post', queue, values: ['v'], ttl, keyed: false });

  it('a post in doubt that never shows', () => {
    expect(record((history) => post(history).unknown())).toEqual([]);
    expect(record((history) => void post(history))).toEqual([]);
  });

  it('a post that was still under way when the end was listed', () => {
    const history = new History();
    const token = post(history);
    history.invoke('end', { kind: 'stored', queue }).ok({ messages: [] });
    token.ok({ ids: ['m'] });
    expect(checkHistory(history)).toEqual([]);
  });

  it('a message that a removal in doubt may have taken', () => {
    const violations = record((history) => {
      post(history).ok({ ids: ['m'] });
      history.invoke('w', { kind: 'remove', queue, ids: ['m'], claim: null }).unknown();
    });
    expect(violations).toEqual([]);
  });

  it('a message whose life may be over, but one whose life is not', () => {
    const after = (ms: number) =>
      record((history, tick) => {
        post(history, 60).ok({ ids: ['m'] });
        tick(ms);
      });
    expect(after(60_000)).toEqual([]);
    expect(after(59_999)).toMatchObject([{ rule: 'lost' }]);
  });

  /** A message claimed twice, so many milliseconds apart, and removed under the second claim. */
  const claimedTwice = (apartMs: number, facts: { readonly mayBeOld?: number } = {}) =>
    record((history, tick) => {
      post(history).ok({ ids: ['m'] });
      for (const claim of ['a', 'b']) {
        const op = { kind: 'claim', queue, ttl: 60, grace: 60 } as const;
        history.invoke('w', op).ok({ claim, messages: [{ id: 'm', value: 'v' }], ...facts });
        tick(apartMs);
      }
      history.invoke('w', { kind: 'remove', queue, ids: ['m'], claim: 'b' }).ok({ outcomes: ['removed'] });
    });

  it('a second claim once the first may be over, but one before', () => {
    expect(claimedTwice(60_000)).toEqual([]);
    expect(claimedTwice(59_999)).toMatchObject([{ rule: 'double claim' }]);
  });

  it('a second claim when the first may be older than the call that brought it', () => {
    expect(claimedTwice(50_000, { mayBeOld: 10_000 })).toEqual([]);
    expect(claimedTwice(50_000, { mayBeOld: 9_999 })).toMatchObject([{ rule: 'double claim' }]);
  });

  it('a removal that was refused before it had an effect', () => {
    const violations = record((history) => {
      post(history).ok({ ids: ['m'] });
      history.invoke('w', { kind: 'remove', queue, ids: ['m'], claim: null }).fail('OVERLOADED');
    });
    expect(violations).toMatchObject([{ rule: 'lost' }]);
  });
});

it('catches a removal that was called in time and took effect under the next claim, by the epochs', () => {
  const queue = 'q';
  const history = new History();
  const taking = (claim: string, epoch: number) =>
    history
      .invoke('w', { kind: 'claim', queue, ttl: 60, grace: 60 })
      .ok({ claim, messages: [{ id: 'm', value: 'v', epoch }] });
  history.invoke('p', { kind: 'post', queue, values: ['v'], ttl: 3_600, keyed: false }).ok({ ids: ['m'] });
  taking('a', 1);
  const removal = history.invoke('w', { kind: 'remove', queue, ids: ['m'], claim: 'a' });
  taking('b', 2);
  removal.ok({ outcomes: ['removed'] });
  history.invoke('end', { kind: 'stored', queue }).ok({ messages: [] });
  expect(checkHistory(history)).toMatchObject([{ rule: 'stale accepted' }]);
});
