/** The rules that a history is checked against. */
export const RULES = [
  'unfinished',
  'phantom',
  'corrupted',
  'duplicated',
  'lost',
  'split',
  'resurrected',
  'removed twice',
  'double claim',
  'epoch',
  'stale accepted',
  'expired served',
  'fifo',
  'missed',
  'repeated',
] as const;

/** The name of a rule. */
export type Rule = (typeof RULES)[number];

/** One thing that must not be: which rule, on which queue, and what was seen. */
export interface Violation {
  readonly rule: Rule;
  readonly queue: string;
  readonly what: string;
}

/** A violation as a rule finds it. */
export type Finding = Omit<Violation, 'queue'>;
