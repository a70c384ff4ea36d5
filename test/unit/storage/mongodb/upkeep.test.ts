import type { MongoFacts } from '../../../../src/storage/drivers/mongodb/upkeep/facts.js';
import { findProblems } from '../../../../src/storage/drivers/mongodb/upkeep/problems.js';
import { topologyOf, topologyText } from '../../../../src/storage/drivers/mongodb/upkeep/topology.js';

test.each([
  [{ msg: 'isdbgrid', maxWireVersion: 21 }, 'sharded cluster'],
  [{ isWritablePrimary: true }, 'single server'],
  [{ setName: 'rs0', hosts: ['a', 'b', 'c'] }, 'replica set rs0 of 3 members with data'],
  [
    { setName: 'rs1', hosts: ['a'], passives: ['b'], arbiters: ['c'] },
    'replica set rs1 of 2 members with data and 1 arbiters',
  ],
])('hello %j is a %s', (hello, text) => {
  expect(topologyText(topologyOf(hello))).toBe(text);
});

const sound: MongoFacts = {
  version: '7.0.0',
  wireVersion: 21,
  topology: { kind: 'replica set', name: 'rs0', members: 3, arbiters: 0 },
  schemaVersion: 1,
  clockAheadMs: -3_600_000,
  clockErrorMs: 500,
  indexes: [
    { name: 'messages.marker', state: 'complete' },
    { name: 'messages.claim', state: 'plain' },
  ],
  bytes: null,
};

test('neither a wall clock that is an hour off nor a missing TTL is a fault', () => {
  expect(findProblems(sound)).toEqual([]);
});

test.each([
  [{ schemaVersion: null, indexes: [{ name: 'messages.due', state: 'missing' }] }, [/^it is not prepared: run/]],
  [{ schemaVersion: 2 }, [/^it has schema 2, this Marconi knows schema 1/]],
  [{ clockErrorMs: 501 }, [/^its time cannot be learnt to within 500 ms/]],
  [
    {
      indexes: [
        { name: 'messages.due', state: 'missing' },
        { name: 'heads.open', state: 'other' },
      ],
    },
    [/^the index messages\.due is missing/, /^the index heads\.open is not Marconi's: drop it/],
  ],
] as const)('%j is a fault', (facts, problems) => {
  expect(findProblems({ ...sound, ...facts })).toEqual(problems.map((text) => expect.stringMatching(text) as string));
});
