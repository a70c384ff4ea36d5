import { interfere, moveOf, told, type Choice, type Move } from './choice.js';
import { digest, keyOf } from './digest.js';
import type { Scheduler } from './scheduler.js';

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

/** A state on the way to where a run is. */
interface Node {
  readonly state: number;
  /** Choices to be made from here, by their index; the first is the one that is being followed. */
  readonly todo: number[];
  /** Moves that need not be made from here: made before another one that they do not interfere with. */
  readonly idle: readonly Move[];
  /** Moves from here that were followed to the end. */
  readonly made: Move[];
  /** The move that is being followed. */
  move: Move;
}

/**
 * Explores all that may happen, depth first. A run begins anew and repeats the choices up to the last one with an
 * alternative left. From a state that was seen before it goes on only with moves that were idle then and are not now
 * (sleep sets): every state is reached, though not on every way.
 */
export class Explorer {
  /** By state, the moves that were not made from it. */
  private readonly seen = new Map<number, readonly string[]>();
  private readonly way: Node[] = [];
  private runs = 0;

  constructor(private readonly begin: () => Promise<World>) {}

  async explore(): Promise<Exploration> {
    do {
      const choices: Choice[] = [];
      try {
        await this.run(choices);
      } catch (error) {
        return this.report({ message: String(error), trace: choices.map(told) });
      }
      if (this.seen.size > MAX_STATES) throw new Error(`There are more than ${MAX_STATES} states.`);
    } while (this.turn());
    return this.report(null);
  }

  /** Repeats the way, then takes the first choice each time until all is over or known. */
  private async run(taken: Choice[]): Promise<void> {
    this.runs++;
    const world = await this.begin();
    for (let depth = 0; ; depth++) {
      // By the next turn of the event loop, all that can go on without a command has gone on.
      await new Promise((resolve) => setImmediate(resolve));
      world.check();
      const choices = world.scheduler.choices();
      const node = this.way[depth] ?? this.arrive(keyOf(digest(world.state())), choices);
      if (node === null) return;
      // A replay is the same run as before; looked at where it leaves the known way.
      if (depth === this.way.length - 1) this.verify(node, world);
      const choice = choices[node.todo[0] as number] as Choice;
      node.move = moveOf(choice);
      taken.push(choice);
      world.scheduler.take(choice);
      if (choice.kind === 'end') return world.finish();
    }
  }

  /** Goes on from a state by what is new there; null when nothing is. */
  private arrive(state: number, choices: readonly Choice[]): Node | null {
    const idle = this.idle();
    const names = new Set(idle.map(({ name }) => name));
    const before = this.seen.get(state);
    const due = choices.map((choice) => moveOf(choice).name);
    const todo = [...choices.keys()].filter((index) => {
      const name = due[index] as string;
      return !names.has(name) && (before === undefined || before.includes(name));
    });
    this.seen.set(state, before === undefined ? [...names] : before.filter((name) => names.has(name)));
    if (todo.length === 0) return null;
    const node: Node = { state, todo, idle, made: [], move: moveOf(choices[todo[0] as number] as Choice) };
    this.way.push(node);
    return node;
  }

  /** What is idle after the move that is being followed. */
  private idle(): readonly Move[] {
    const from = this.way.at(-1);
    if (from === undefined) return [];
    return [...from.idle, ...from.made].filter((move) => !interfere(move, from.move));
  }

  private verify({ state }: Node, world: World): void {
    if (keyOf(digest(world.state())) !== state) throw new Error(`The run went another way at step ${this.way.length}.`);
  }

  /** To the last choice that has an alternative left; false when there is none. */
  private turn(): boolean {
    for (let node = this.way.at(-1); node !== undefined; node = this.way.at(-1)) {
      node.made.push(node.move);
      node.todo.shift();
      if (node.todo.length > 0) return true;
      this.way.pop();
    }
    return false;
  }

  private report(violation: Exploration['violation']): Exploration {
    return { states: this.seen.size, runs: this.runs, violation };
  }
}
