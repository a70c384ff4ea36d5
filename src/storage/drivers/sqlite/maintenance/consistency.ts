import { currentTick } from '../../../../domain/time.js';
import type { Db, SqlValue } from '../db/port.js';
import { FAN_OUT, LEVELS } from '../tables/blocks.js';
import { TickKind } from '../tables/ticks.js';

/** Findings of one kind that are told at the most. */
const MOST = 20;

interface Rule {
  /** A query for what breaks the rule, with columns q, lo and hi: the queue's number and the markers or ids concerned. */
  readonly sql: string;
  readonly says: string;
  readonly values?: readonly SqlValue[];
}

const TOTALS = `SELECT q, n AS lo, total AS hi FROM
  (SELECT h.q, h.total, (SELECT count(*) FROM messages m WHERE m.q = h.q) AS n FROM heads h) WHERE n <> total`;

const HELD = `SELECT q, n AS lo, held AS hi FROM (SELECT h.q, h.held,
  (SELECT coalesce(sum(n), 0) FROM ticks t WHERE t.q = h.q AND t.kind = ${TickKind.HELD}) AS n FROM heads h)
  WHERE n <> held`;

const EXPIRY_COUNTS = `SELECT q, tick AS lo, tick AS hi FROM (
  SELECT q, expires AS tick, count(*) AS n FROM messages GROUP BY q, expires
  UNION ALL SELECT q, tick, -n FROM ticks WHERE kind = ${TickKind.EXPIRES}) GROUP BY q, tick HAVING sum(n) <> 0`;

const HOLD_COUNTS = `SELECT q, tick AS lo, tick AS hi FROM (
  SELECT m.q, due AS tick, count(*) AS n FROM messages m JOIN heads h USING (q)
    WHERE state = 1 AND due > held_swept GROUP BY m.q, due
  UNION ALL SELECT t.q, tick, -n FROM ticks t JOIN heads h USING (q)
    WHERE kind = ${TickKind.HELD} AND tick > held_swept) GROUP BY q, tick HAVING sum(n) <> 0`;

const BODIES = `SELECT q, k AS lo, k AS hi FROM messages m LEFT JOIN bodies b ON b.id = m.body
  WHERE b.id IS NULL OR length(b.body) <> m.size`;

const ORPHANS = `SELECT 0 AS q, id AS lo, id AS hi FROM bodies WHERE id NOT IN (SELECT body FROM messages)`;

const MARKERS = `SELECT m.q, k AS lo, k AS hi FROM messages m LEFT JOIN heads h USING (q)
  WHERE h.q IS NULL OR k >= h.next OR k < 1`;

const CLAIMS = `SELECT c.q, ends AS lo, ends AS hi FROM claims c WHERE ends > ? AND remaining <>
  (SELECT count(*) FROM json_each(c.members) j JOIN messages m ON m.q = c.q AND m.k = j.value AND m.claim = c.id)`;

const outside = (own: { min: string; max: string; lo: string; hi: string; due: string }) =>
  `b.block IS NULL OR ${own.min} < b.expires_min OR ${own.max} > b.expires_max
   OR (${own.max} > ? AND (${own.due} < b.due_min OR ${own.lo} < b.poster_lo OR ${own.hi} > b.poster_hi))`;

const ROW_BOUNDS = `SELECT m.q, min(k) AS lo, max(k) AS hi FROM messages m
  LEFT JOIN blocks b ON b.q = m.q AND b.level = 1 AND b.block = m.k / ${FAN_OUT}
  WHERE ${outside({ min: 'm.expires', max: 'm.expires', lo: 'm.poster', hi: 'm.poster', due: 'm.due' })}
  GROUP BY m.q, m.k / ${FAN_OUT}`;

const c = { min: 'c.expires_min', max: 'c.expires_max', lo: 'c.poster_lo', hi: 'c.poster_hi', due: 'c.due_min' };
const CHILD_BOUNDS = `SELECT c.q, c.level AS lo, c.block AS hi FROM blocks c
  LEFT JOIN blocks b ON b.q = c.q AND b.level = c.level + 1 AND b.block = c.block / ${FAN_OUT}
  WHERE c.level < ${LEVELS} AND (${outside(c)})`;

/**
 * What SQLite's own check cannot see: counters that do not count what is there, messages without their body, bounds of
 * the skip index that leave a message out, claims that count wrong. One line for each finding, at most 20 of a kind.
 */
export function inconsistencies(db: Db, now: number): readonly string[] {
  const tick = currentTick(now);
  const rules: readonly Rule[] = [
    { sql: TOTALS, says: 'counts other messages than there are (there, counted)' },
    { sql: HELD, says: 'counts other holds than its ticks (ticks, counted)' },
    { sql: EXPIRY_COUNTS, says: 'counts other expiries than there are, at tick' },
    { sql: HOLD_COUNTS, says: 'counts other ends of holds than there are, at tick' },
    { sql: BODIES, says: 'has a message without its body, at marker' },
    { sql: ORPHANS, says: 'no message has the body' },
    { sql: MARKERS, says: 'has a message at a marker that it never gave' },
    { sql: CLAIMS, says: 'has a claim that counts other messages than it holds, ending at tick', values: [tick] },
    { sql: ROW_BOUNDS, says: 'has messages outside the bounds of their block, at markers', values: [tick] },
    { sql: CHILD_BOUNDS, says: 'has a block outside the bounds of its parent (level, block)', values: [tick] },
  ];
  return rules.flatMap(({ sql, says, values = [] }) =>
    db
      .prepare<{ q: number; lo: number; hi: number }>(`${sql} LIMIT ${MOST}`)
      .all(...values)
      .map(({ q, lo, hi }) => `queue ${uidOf(db, q)} ${says} ${lo === hi ? lo : `${lo}, ${hi}`}`),
  );
}

function uidOf(db: Db, q: number): string {
  return db.prepare<{ uid: string }>('SELECT uid FROM heads WHERE q = ?').get(q)?.uid ?? `number ${q}`;
}
