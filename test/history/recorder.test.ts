import { checkHistory, History } from '../support/history/index.js';

const queue = 'q';
const post = { kind: 'post', queue, values: ['v'], ttl: 60, keyed: false } as const;

describe('the history recorder', () => {
  it('writes each line as it comes to be, and reads them again', () => {
    const lines: string[] = [];
    const history = new History({ onLine: (line) => lines.push(line) });
    history.invoke('a', post).ok({ ids: ['m'] });
    history.invoke('b', { kind: 'release', queue, claim: 'c' }).fail('OVERLOADED');
    expect(lines).toHaveLength(4);
    expect([...history.lines()]).toEqual(lines);
    expect(new History().absorb(lines).records()).toEqual(history.records());
  });

  it('tells of each end, its own and those that it takes over', () => {
    const ends: string[] = [];
    const history = new History({ onEnd: (op, { kind }) => ends.push(`${op.kind} ${kind}`) });
    history.invoke('a', post).ok({ ids: ['m'] });
    const other = new History({ origin: 'other' });
    other.invoke('b', { kind: 'release', queue, claim: 'c' }).unknown();
    history.absorb(other.lines());
    expect(ends).toEqual(['post ok', 'release unknown']);
  });

  it('takes a call without an end, and one whose end is cut off, for one in doubt', () => {
    const history = new History();
    history.invoke('a', post).ok({ ids: ['m'] });
    const [call, end] = [...history.lines()] as [string, string];
    for (const lines of [[call], [call, end.slice(0, 20)], [call, '']])
      expect(new History().absorb(lines).records()).toMatchObject([{ to: Infinity, ending: { kind: 'unknown' } }]);
    expect(() => new History().absorb([call.slice(0, 20), end])).toThrow('Line 1');
  });

  it('merges the histories of several processes on one clock', () => {
    let now = 0;
    const clock = () => ++now;
    const [one, two] = [new History({ clock, origin: 'one' }), new History({ clock, origin: 'two' })];
    one.invoke('a', post).ok({ ids: ['m'] });
    two.invoke('end', { kind: 'stored', queue }).ok({ messages: [] });
    const merged = new History().absorb(one.lines()).absorb(two.lines());
    expect(merged.records().map(({ client, from, to }) => [client, from, to])).toEqual([
      ['a', 1, 2],
      ['end', 3, 4],
    ]);
    expect(checkHistory(merged)).toMatchObject([{ rule: 'lost' }]);
  });

  it('refuses two calls of one number, an end without a call, and a second end', () => {
    const history = new History({ origin: 'same' });
    const token = history.invoke('a', post);
    token.unknown();
    expect(() => token.unknown()).toThrow('ends twice');
    expect(() => history.absorb(new History({ origin: 'same' }).absorb(history.lines()).lines())).toThrow('origin');
    const [, end] = [...history.lines()];
    expect(() => new History().absorb([end!])).toThrow('without the call');
  });
});
