import type { Kit } from './kit.js';
import type { Workshop } from './workshop.js';

/** What a case does; it fails by rejecting. */
export type CaseRun<Stage> = (stage: Stage) => Promise<void>;

/** Cases by what they prove, as a sentence whose subject is the area. */
export type Cases<Stage> = Readonly<Record<string, CaseRun<Stage>>>;

/** Cases about one thing, on a storage that all areas of a round share: each makes its own queues. */
export interface Area {
  readonly name: string;
  readonly on: 'shared';
  readonly cases: Cases<Kit>;
}

/** Cases about one thing, each on storages that it makes for itself. */
export interface OwnArea {
  readonly name: string;
  readonly on: 'own';
  readonly cases: Cases<Workshop>;
}

/** An area whose cases use the kit of the round, each queues of its own. */
export function area(name: string, cases: Cases<Kit>): Area {
  return { name, on: 'shared', cases };
}

/** An area whose cases make their own storages. */
export function ownArea(name: string, cases: Cases<Workshop>): OwnArea {
  return { name, on: 'own', cases };
}

/** The same case for each example: `title` names it, `run` gets the example first. */
export function each<T, Stage>(
  examples: readonly T[],
  title: (example: T) => string,
  run: (example: T, stage: Stage) => Promise<void>,
): Cases<Stage> {
  return Object.fromEntries(
    examples.map((example) => [title(example), (stage: Stage) => run(example, stage)] as const),
  );
}
