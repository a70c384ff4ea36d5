import { digest, keyOf } from './digest.js';
import { told, type Choice, type Scheduler } from './scheduler.js';

/** One world that starts anew for each run, the same every time. */
export interface World {
  readonly scheduler: Scheduler;
  /** What the future depends on, and what is judged. */
  state(): string;
  /** Throws what went wrong so far. */
  check(): void;
  /** Judges how it ended. */
  finish(): Promise<void>;
}

/** What exploring came to. */
export interface Exploration {
  readonly states: number;
  readonly runs: number;
  /** The first violation and what led to it; null when there is none. */
  readonly violation: { readonly message: string; readonly trace: readonly string[] } | null;
}

/** States of one scenario at the most: one that has more is to be made smaller. */
const MAX_STATES = 5_000_000;

/** One run: what was chosen at each step, of how many choices, and in which state. */
class Run {
  readonly taken: number[] = [];
  readonly widths: number[] = [];
  readonly states: number[] = [];
  private readonly choices: Choice[] = [];

  note(choices: readonly Choice[], index: number): Choice {
    const choice = choices[index];
    if (choice === undefined) throw new Error(`Step ${this.taken.length} has no choice ${index}.`);
    this.taken.push(index);
    this.widths.push(choices.length);
    this.choices.push(choice);
    return choice;
  }

  /** The choices up to the last one that has an alternative, and that alternative; null when there is none. */
  successor(): readonly number[] | null {
    for (let depth = this.taken.length - 1; depth >= 0; depth--) {
      const next = (this.taken[depth] as number) + 1;
      if (next < (this.widths[depth] as number)) return [...this.taken.slice(0, depth), next];
    }
    return null;
  }

  trace(): readonly string[] {
    return this.choices.map(told);
  }
}

/**
 * Explores all that may happen, depth first. A run begins anew and repeats the choices up to the last one with an
 * alternative left; a state that was seen before is not gone on from.
 */
export class Explorer {
  private readonly seen = new Set<number>();
  private runs = 0;

  constructor(private readonly begin: () => Promise<World>) {}

  async explore(): Promise<Exploration> {
    let run = new Run();
    for (let path: readonly number[] | null = []; path !== null; path = run.successor()) {
      const before = run;
      run = new Run();
      try {
        await this.follow(run, path, before);
      } catch (error) {
        return this.report({ message: String(error), trace: run.trace() });
      }
      if (this.seen.size > MAX_STATES) throw new Error(`There are more than ${MAX_STATES} states.`);
    }
    return this.report(null);
  }

  /** Repeats the path, then takes the first choice each time until all is over or known. */
  private async follow(run: Run, path: readonly number[], before: Run): Promise<void> {
    this.runs++;
    const world = await this.begin();
    for (let depth = 0; ; depth++) {
      // By the next turn of the event loop, all that can go on without a command has gone on.
      await new Promise((resolve) => setImmediate(resolve));
      world.check();
      if (!this.isNew(run, world, depth, path, before)) return;
      const choice = run.note(world.scheduler.choices(), path[depth] ?? 0);
      world.scheduler.take(choice);
      if (choice.kind === 'end') return world.finish();
    }
  }

  /** False for a state that was seen before, beyond the path. */
  private isNew(run: Run, world: World, depth: number, path: readonly number[], before: Run): boolean {
    if (depth < path.length - 1) {
      run.states.push(before.states[depth] as number);
      return true;
    }
    const state = keyOf(digest(world.state()));
    run.states.push(state);
    if (depth >= path.length) return this.add(state);
    // Up to here the run repeats the one before.
    if (state !== before.states[depth]) throw new Error(`The run went another way at step ${depth}.`);
    return true;
  }

  private add(state: number): boolean {
    if (this.seen.has(state)) return false;
    this.seen.add(state);
    return true;
  }

  private report(violation: Exploration['violation']): Exploration {
    return { states: this.seen.size, runs: this.runs, violation };
  }
}
