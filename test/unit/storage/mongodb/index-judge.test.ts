import { indexFor, type JudgedIndex, type Residual } from '../../../support/mongo/index-judge.js';
import type { Query } from '../../../support/mongo/recorded-command.js';

const INDEXES: readonly JudgedIndex[] = [
  { collection: 'messages', name: 'marker', key: { uid: 1, k: 1 }, unique: true },
  { collection: 'messages', name: 'due', key: { uid: 1, due: 1, k: 1, exp: 1 } },
  { collection: 'messages', name: 'claim', key: { uid: 1, cl: 1, k: 1 }, partial: { cl: { $gt: '' } } },
  { collection: 'messages', name: 'expiry', key: { exp: 1 } },
];

const RESIDUALS: readonly Residual[] = [
  { collection: 'messages', index: 'marker', field: 'po', reason: 'Told by the test.' },
];

const query = (filter: Query['filter'], more: Partial<Query> = {}): Query => {
  return { collection: 'messages', filter, sort: {}, limit: 10, many: false, ...more };
};
const judge = (filter: Query['filter'], more: Partial<Query> = {}): string | null =>
  indexFor(query(filter, more), INDEXES, RESIDUALS)?.index ?? null;

const list = (length: number) => ({ $in: Array.from({ length }, (_, index) => String(index)) });
const exp = { $gt: new Date(0) };

describe('the best index for a query', () => {
  test.each([
    ['equality', { uid: 'u', due: 0 }, {}, 'due'],
    ['equality, then a sort', { uid: 'u' }, { k: 1 }, 'marker'],
    ['a sort the other way', { uid: 'u' }, { k: -1 }, 'marker'],
    ['equality, a sort and a range of it', { uid: 'u', k: { $gt: 5 } }, { k: 1 }, 'marker'],
    ['a range and a sort by it and by what follows', { uid: 'u', due: { $gt: 0 } }, { due: 1, k: 1 }, 'due'],
    ['a list merged in the order of the sort', { uid: 'u', due: { $in: [0, 5] } }, { k: 1 }, 'due'],
    ['a field judged further on in the index', { uid: 'u', due: 0, exp }, { k: 1 }, 'due'],
    ['a sort by a field of one value', { uid: 'u', due: 0 }, { due: 1, k: 1 }, 'due'],
    ['a partial index that holds all that is asked for', { uid: 'u', cl: { $in: ['a', 'b'] } }, { k: 1 }, 'claim'],
    ['a range alone', { exp: { $lte: new Date(0) } }, { exp: 1 }, 'expiry'],
    ['an id, whatever else is asked', { _id: 'm', uid: 'u', type: 'x', log: { $size: 0 } }, {}, '_id'],
    ['ids, many of them', { _id: list(900), uid: 'u', due: { $gte: 0 } }, {}, '_id'],
    ['all of a unique key, whatever else is asked', { uid: 'u', k: { $in: [1, 2] }, type: 'x' }, {}, 'marker'],
    ['a residual field with a reason', { uid: 'u', k: { $gt: 5 }, po: { $ne: 'p' } }, { k: 1 }, 'marker'],
    ['all in order, up to a limit', {}, { exp: 1 }, 'expiry'],
  ])('%s', (_name, filter, sort, expected) => {
    expect(judge(filter, { sort: sort })).toBe(expected);
  });
});

describe('no index will do for', () => {
  test.each([
    ['a field that is in none', { po: 'p' }, {}],
    ['a field that is not the first', { due: 0 }, {}],
    ['a residual field without a reason', { uid: 'u', k: { $gt: 5 }, type: 'x' }, { k: 1 }],
    ['a residual field whose reason is for another index', { uid: 'u', due: 0, po: 'p' }, { k: 1 }],
    ['a sort by a field that is in none', { uid: 'u' }, { at: 1 }],
    ['a sort behind a range', { uid: 'u', due: { $gt: 0 } }, { k: 1 }],
    ['a sort both ways at once', { uid: 'u', due: { $gt: 0 } }, { due: 1, k: -1 }],
    ['a list too long to be merged in the order of a sort', { uid: 'u', cl: list(201) }, { k: 1 }],
    ['a partial index that may lack something', { uid: 'u', cl: { $in: ['a', null] } }, { k: 1 }],
    ['anything that is not bounded by value', { _id: { $nin: ['a'] } }, {}],
    ['everything', {}, {}],
  ])('%s', (_name, filter, sort) => {
    expect(judge(filter, { sort: sort })).toBeNull();
  });

  test('another collection', () => {
    expect(judge({ uid: 'u' }, { collection: 'posts' })).toBeNull();
  });

  test('all in order without a limit', () => {
    expect(judge({}, { sort: { exp: 1 }, limit: null })).toBeNull();
  });
});

test('the judgement tells what is bounded and what remains', () => {
  const filter = { uid: 'u', k: { $gt: 5 }, po: 'p' };
  const use = indexFor(query(filter, { sort: { k: 1 } }), INDEXES, RESIDUALS);
  expect(use).toEqual({ index: 'marker', bounded: 2, residual: ['po'], unique: false });
});
