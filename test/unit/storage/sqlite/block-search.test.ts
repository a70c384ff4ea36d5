import { openBetter } from '../../../../src/storage/drivers/sqlite/db/better.js';
import { MIGRATIONS, NEVER } from '../../../../src/storage/drivers/sqlite/schema/ddl.js';
import { BlockSearch } from '../../../../src/storage/drivers/sqlite/tables/block-search.js';
import { BlockTable, FAN_OUT, LEVELS } from '../../../../src/storage/drivers/sqlite/tables/blocks.js';
import { NO_ONE } from '../../../../src/storage/drivers/sqlite/tables/messages.js';
import { Random } from '../../../support/random.js';

const Q = 1;
const TICK = 100;
const FAR = FAN_OUT ** 3;
const FILTER = { tick: TICK, dueBy: TICK, without: NO_ONE };
const random = new Random(7);
const nobody = new Uint8Array();

/** Level-1 blocks over several top blocks: some open, the others held or over, at the edges of their parents as well. */
function randomBlocks(): Map<number, boolean> {
  const edges = [0, FAN_OUT - 1, FAN_OUT, FAN_OUT ** 2 - 1, FAN_OUT ** 2, FAN_OUT ** 2 + FAN_OUT - 1];
  const blocks = Array.from({ length: 60 }, () => random.between(0, 3 * FAN_OUT ** 2));
  return new Map([...edges, ...blocks].map((block) => [block, random.chance(0.2)]));
}

function index(blocks: ReadonlyMap<number, boolean>): BlockTable {
  const db = openBetter(':memory:', { mustExist: false, readonly: false, busyMs: 0 });
  for (const { sql } of MIGRATIONS) db.exec(sql);
  const table = new BlockTable(db);
  for (const [block, open] of blocks) {
    const [dueMin, expiresMax] = open ? [0, NEVER] : random.pick([[TICK + 1, NEVER] as const, [0, TICK] as const]);
    const bounds = { dueMin, expiresMin: 1, expiresMax, posterLo: nobody, posterHi: nobody };
    for (let level = 1; level <= LEVELS; level++)
      table.widen(Q, level, Math.floor(block / FAN_OUT ** (level - 1)), bounds);
  }
  return table;
}

test('finds the nearest open block in both directions, from anywhere', () => {
  for (let round = 0; round < 20; round++) {
    const blocks = randomBlocks();
    const search = new BlockSearch(index(blocks), Q, { kind: 'open', filter: FILTER });
    const open = [...blocks].filter(([, isOpen]) => isOpen).map(([block]) => block);
    for (const from of [0, ...blocks.keys(), FAR]) {
      const after = open.filter((block) => block >= from);
      const before = open.filter((block) => block <= from);
      expect(search.next(from)).toBe(after.length > 0 ? Math.min(...after) : null);
      expect(search.previous(from)).toBe(before.length > 0 ? Math.max(...before) : null);
    }
  }
});

test('a parent that promises what no child holds is told of, and passed', () => {
  // Held beyond the tick, and over: together they look like one that is free and lives.
  const table = index(new Map());
  const rest = { expiresMin: 1, posterLo: nobody, posterHi: nobody };
  for (const [block, dueMin, expiresMax] of [[5, TICK + 1, NEVER] as const, [6, 0, TICK] as const]) {
    for (let level = 1; level <= LEVELS; level++) {
      table.widen(Q, level, Math.floor(block / FAN_OUT ** (level - 1)), { ...rest, dueMin, expiresMax });
    }
  }
  const told: number[][] = [];
  const search = new BlockSearch(table, Q, { kind: 'open', filter: FILTER }, (level, block) =>
    told.push([level, block]),
  );
  expect(search.previous(FAR)).toBeNull();
  expect(told).toContainEqual([2, 0]);
  expect(table.tighten(Q, 2, 0, TICK)).toBe(true);
  expect(table.first(Q, 2, 0, NEVER, { kind: 'open', filter: FILTER }, false)).toBeNull();
});

test('a block of one poster is passed by a search that leaves out that poster', () => {
  const [one, other] = [new Uint8Array(16).fill(1), new Uint8Array(16).fill(2)];
  const table = index(new Map());
  const bounds = { dueMin: 0, expiresMin: NEVER, expiresMax: NEVER, posterLo: one, posterHi: one };
  table.widen(Q, 1, 0, bounds);
  table.widen(Q, 1, 1, bounds);
  const first = (without: Uint8Array): number | null =>
    table.first(Q, 1, 0, NEVER, { kind: 'open', filter: { ...FILTER, without } }, false);
  expect([first(one), first(other), first(NO_ONE)]).toEqual([null, 0, 0]);
  table.widen(Q, 1, 1, { ...bounds, posterLo: other, posterHi: other });
  expect(first(one)).toBe(1);
});
