import { groupBy } from './grouping.js';
import type { History } from './history.js';
import { Ledger } from './ledger.js';
import type { Recorded } from './operations.js';
import { atomicity } from './rules/atomicity.js';
import { exclusivity } from './rules/exclusivity.js';
import { identity } from './rules/identity.js';
import { loss } from './rules/loss.js';
import { order } from './rules/order.js';
import { readers } from './rules/readers.js';
import { staleness } from './rules/staleness.js';
import { RULES, type Rule, type Violation } from './violation.js';

const CHECKS = [identity, loss, exclusivity, staleness, order, readers, atomicity];

/** Enough to see what is wrong; a broken engine breaks a rule for every message. */
const MOST_PER_RULE = 20;

/**
 * What a history shows that must not be, at most 20 for each rule; none for an engine that keeps its promises (P1 to P5,
 * F1 to F5, idempotent posts). It never blames the engine for what an operation in doubt may have caused. Cost is
 * O(n log n) in the history's length.
 */
export function checkHistory(history: History | readonly Recorded[]): readonly Violation[] {
  const records = 'records' in history ? history.records() : history;
  const queues = groupBy(records, ({ op }) => op.queue);
  return [...queues].flatMap(([queue, own]) => checkQueue(new Ledger(queue, own)));
}

function checkQueue(ledger: Ledger): readonly Violation[] {
  const found = new Map<Rule, Violation[]>(RULES.map((rule) => [rule, []]));
  for (const check of CHECKS)
    for (const finding of check(ledger)) {
      const alike = found.get(finding.rule)!;
      if (alike.length < MOST_PER_RULE) alike.push({ queue: ledger.queue, ...finding });
    }
  return [...found.values()].flat();
}
