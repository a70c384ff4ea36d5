import type { Area, Case } from './area.js';
import { AREAS } from './suite.js';

/** A time that the shared storage's cases are run; in the second, sweeping follows every step in time. */
export interface Round {
  readonly name: string;
  readonly swept: boolean;
}

/** The rounds: sweeping must never be seen, so that every case is run without and with it. */
export const ROUNDS: readonly Round[] = [
  { name: 'unswept', swept: false },
  { name: 'swept', swept: true },
];

/** One case to be run. */
export interface PlannedCase extends Case {
  /** The same in every round: what exceptions and reports name. */
  readonly id: string;
  readonly area: Area;
  /** Null when the case makes its own storages. */
  readonly round: Round | null;
}

/** The cases of an area, as they are run in the round. */
export function casesOf(area: Area, round: Round | null): readonly PlannedCase[] {
  return area.cases.map(({ title, run }) => ({ id: `${area.name} > ${title}`, title, run, area, round }));
}

/** The areas that are run in the round; null for those that are run once. */
export function areasOf(round: Round | null): readonly Area[] {
  return AREAS.filter(({ inRounds }) => inRounds === (round !== null));
}

/** Every case of the suite, in the order in which they are run. */
export function planSuite(): readonly PlannedCase[] {
  return [null, ...ROUNDS].flatMap((round) => areasOf(round).flatMap((area) => casesOf(area, round)));
}
