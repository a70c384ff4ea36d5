import type { Millis } from '../../../src/domain/time.js';
import { MarconiError } from '../../../src/errors/marconi-error.js';
import type { Collections } from '../../../src/storage/drivers/mongodb/collections.js';
import type { HeadDoc, KeyDoc } from '../../../src/storage/drivers/mongodb/documents.js';
import type { World } from '../explore/explorer.js';
import { forget, Scheduler, type Core, type Faults } from '../explore/scheduler.js';
import { ClaimJudge } from '../judges/claim-judge.js';
import { OrderJudge } from '../judges/order-judge.js';
import { Database, type Name } from '../store/database.js';
import { ModelCollection, type Command, type Manner, type Submit } from '../store/model-collection.js';
import { partsOf, type Parts, type Variant } from './parts.js';

/** When everything begins. */
export const START: Millis = 1_000_000;

/** A process of the world, with what it does its steps with. */
export interface Actor extends Parts {
  readonly core: Core;
  readonly world: ModelWorld;
}

/** What one actor does, to its end unless it crashes. */
export type Script = (actor: Actor) => Promise<void>;

/** A small world, all of whose ways are explored. */
export interface Scenario {
  readonly name: string;
  /** By actor: its name, and what it does; several scripts of one actor share a process. */
  readonly actors: Readonly<Record<string, Script | readonly Script[]>>;
  readonly faults?: Partial<Faults>;
  /** Done before anything else. */
  readonly setup?: Script;
  /** Judges the end, with a core of its own that is not disturbed. */
  readonly finish?: Script;
  readonly maxLog?: number;
  readonly variant?: Variant;
  /** True when messages may be deleted. */
  readonly consumes?: boolean;
  /** Commands that nothing else in this scenario can tell the moment of: they are done as they come. */
  readonly eager?: ((command: Command) => boolean) | undefined;
  /** True when reads along an index let others in between. */
  readonly yields?: boolean;
}

/** Errors that leave open what became of a step, or refuse it for now. */
const PASSING = new Set(['STORAGE_UNAVAILABLE', 'OVERLOADED']);

/** A scenario on its way. */
export class ModelWorld implements World {
  readonly scheduler: Scheduler;
  readonly order: OrderJudge;
  readonly claims = new ClaimJudge(() => this.now);
  /** The world's time; whatever begins, begins at it. */
  now = START;
  /** Queues whose deletion was acknowledged. */
  readonly fenced = new Set<string>();
  private readonly db: Database;
  private failure: unknown;

  private constructor(private readonly scenario: Scenario) {
    const { faults, eager, consumes } = scenario;
    this.scheduler = new Scheduler({ crashes: 0, losses: 0, ...faults }, eager ?? (() => false));
    this.order = new OrderJudge(consumes ?? false);
    this.db = new Database((write) => {
      this.order.watch(write);
      this.claims.watch(write);
    });
  }

  /** Sets the scenario up and lets all actors send their first commands. */
  static async begin(scenario: Scenario): Promise<ModelWorld> {
    const world = new ModelWorld(scenario);
    await scenario.setup?.(world.actor('setup'));
    world.scheduler.begin();
    for (const [name, scripts] of Object.entries(scenario.actors)) {
      const actor = world.actor(name);
      const under = [scripts].flat().map((script) => script(actor).catch((error: unknown) => world.note(error)));
      // What it still waits for then, nobody hears of.
      void Promise.all(under).then(() => forget(actor.core, 'over'));
    }
    return world;
  }

  state(): string {
    const judged = `${this.order.state()}|${this.claims.state()}|${[...this.fenced].join()}`;
    return `${this.db.content.join()}|${this.now}|${judged}|${this.scheduler.state()}`;
  }

  check(): void {
    if (this.failure !== undefined) throw asError(this.failure);
  }

  /** Sweeps long after everybody, and judges what is left. */
  async finish(): Promise<void> {
    const actor = this.actor('finish');
    await actor.sweeping.sweep(this.now + 30_000, 10_000);
    const [heads, records] = [[...this.db.docs('heads')], [...this.db.docs('posts')]];
    this.order.end(heads as unknown as HeadDoc[], records as unknown as KeyDoc[]);
    await this.scenario.finish?.(actor);
    this.check();
  }

  private actor(name: string): Actor {
    const core = this.scheduler.core(name);
    const { variant, maxLog, yields, eager } = this.scenario;
    const collections = collectionsOf(this.db, this.scheduler.submitOf(core), {
      yields: yields ?? false,
      skips: eager !== undefined,
    });
    return { ...partsOf(name, collections, variant ?? {}, maxLog), core, world: this };
  }

  private note(error: unknown): void {
    if (!(error instanceof MarconiError && PASSING.has(error.reason))) this.failure ??= error;
  }
}

/** The model's collections, for one process. */
export function collectionsOf(db: Database, submit: Submit, manner: Manner): Collections {
  const open = <T extends { _id: string }>(name: Name) => new ModelCollection<T>(db, name, submit, manner);
  return {
    queues: open('queues'),
    heads: open('heads'),
    messages: open('messages'),
    posts: open('posts'),
    meta: open('meta'),
  };
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
