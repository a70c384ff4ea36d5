import type { Need } from './facts.js';
import type { Kit } from './kit.js';
import type { Workshop } from './workshop.js';

/** What a case may ask for. */
export interface Stages {
  /** The kit on the storage that the cases of a round share: each makes its own queues. */
  kit(): Promise<Kit>;
  /** Makes storages for this case alone. */
  readonly workshop: Workshop;
}

/** One named proof; it fails by rejecting. */
export interface Case {
  /** A sentence whose subject is the area or the storage. */
  readonly title: string;
  readonly run: (stages: Stages) => Promise<void>;
}

/** Cases about one thing. Without what it needs, none of them is run. */
export interface Area {
  readonly name: string;
  /** True when the cases share a storage and are run in every round. */
  readonly inRounds: boolean;
  readonly need: Need | null;
  readonly cases: readonly Case[];
}

/** Cases by title, on a stage of one kind. */
export type Cases<Stage> = Readonly<Record<string, (stage: Stage) => Promise<void>>>;

/** An area whose cases use the kit of the round. */
export function area(name: string, cases: Cases<Kit>, need: Need | null = null): Area {
  const onKit = Object.entries(cases).map(([title, run]) => ({
    title,
    run: async (stages: Stages) => run(await stages.kit()),
  }));
  return { name, inRounds: true, need, cases: onKit };
}

/** An area whose cases make their own storages. */
export function ownArea(name: string, cases: Cases<Workshop>, need: Need | null = null): Area {
  const onWorkshop = Object.entries(cases).map(([title, run]) => ({
    title,
    run: ({ workshop }: Stages) => run(workshop),
  }));
  return { name, inRounds: false, need, cases: onWorkshop };
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
