import { MongoNetworkError } from 'mongodb';
import { failure } from '../../../src/storage/drivers/mongodb/errors.js';
import { atOnce } from '../store/actions.js';
import { describe, type Command, type Submit } from '../store/model-collection.js';
import { canonical } from '../store/values.js';
import { namesOf, stepsOf, type Choice } from './choice.js';
import { digest, EMPTY, type Digest } from './digest.js';

/** A process: what dies together. */
export interface Core {
  readonly name: string;
  /** What it has been told, which is all that it goes by. */
  history: Digest;
  sent: number;
  alive: boolean;
  /** What it uses of an answer; two that look the same to it are one. */
  sees: (command: Command, result: unknown) => unknown;
}

/** A command that waits for its turn, or is half done. */
export interface Task {
  readonly core: Core;
  readonly order: number;
  readonly command: Command;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** True once its caller was told that no answer came; it may still be carried out. */
  orphaned: boolean;
}

/** How often a run may go wrong, in each way. */
export interface Faults {
  /** A core dies: none of its commands is sent any more. */
  readonly crashes: number;
  /** A core is told that the connection broke; the command may have been done, or be done at any time later. */
  readonly losses: number;
  /** The cores that either may happen to; absent: any. */
  readonly to?: readonly string[];
  /** The commands whose answer may be lost; absent: any. */
  readonly at?: (command: Command) => boolean;
}

/** Holds every command of every core until it is chosen. */
export class Scheduler {
  /** The core that moved last: it goes on first, so that the first fault found is one with few turns. */
  private last: Core | undefined;
  private tasks: Task[] = [];
  private readonly cores: Core[] = [];
  private readonly left: { crashes: number; losses: number };
  /** True while commands are carried out as they come: before and after what is explored. */
  private direct = true;

  constructor(
    private readonly faults: Faults,
    private readonly isEager: (command: Command) => boolean,
  ) {
    this.left = { ...faults };
  }

  /** A new process. */
  core(name: string): Core {
    const core: Core = { name, history: EMPTY, sent: 0, alive: true, sees: (_, result) => result };
    this.cores.push(core);
    return core;
  }

  /** From here on what comes waits to be chosen. */
  begin(): void {
    this.direct = false;
  }

  submitOf(core: Core): Submit {
    return <R>(command: Command<R>) => this.submit(core, command) as Promise<R>;
  }

  /** A moment at which the core may be held up as at a command, before whatever it does next. */
  moment(core: Core, what: string): Promise<void> {
    const command = { collection: 'meta', method: 'findOne', what: [what], writes: false } as const;
    return this.submit(core, { ...command, action: atOnce({ writes: true }, () => undefined) }) as Promise<void>;
  }

  /** What may happen next, in the same order whenever the same has happened. */
  choices(): readonly Choice[] {
    const names = namesOf(this.tasks);
    const nameOf = (task: Task): string => names.get(task) as string;
    const steps = this.inTurn().flatMap((task) => stepsOf(task, nameOf(task)));
    const waiting = this.tasks.filter(({ orphaned }) => !orphaned);
    if (waiting.length === 0) return [{ kind: 'end' }, ...steps];
    const frail = waiting.filter(({ core }) => this.faults.to?.includes(core.name) ?? true);
    const lost = this.left.losses === 0 ? [] : frail.filter(({ command }) => this.faults.at?.(command) ?? true);
    const losses = lost.map((task): Choice => ({ kind: 'lose', task, name: nameOf(task) }));
    const living = this.cores.filter((core) => frail.some((task) => task.core === core));
    const crashes = this.left.crashes === 0 ? [] : living.map((core): Choice => ({ kind: 'crash', core }));
    return [...steps, ...losses, ...crashes];
  }

  /** Lets it happen; throws what a watcher of the database throws. */
  take(choice: Choice): void {
    if (choice.kind === 'end') return this.end();
    if (choice.kind === 'crash') return this.crash(choice.core);
    this.last = choice.task.core;
    if (choice.kind === 'lose') return this.lose(choice.task);
    if (choice.task.command.action.step(choice.pick)) this.finish(choice.task);
  }

  /** What the future depends on, beside the database. */
  state(): string {
    const cores = this.cores.map(({ history, alive }) => (alive ? history.join() : 'dead'));
    const tasks = this.tasks.map(({ core, orphaned, command }) => {
      return `${core.name}${orphaned}${describe(command)}${canonical(command.action.progress())}`;
    });
    return `${cores.join(';')}|${tasks.sort().join(';')}|${this.left.crashes},${this.left.losses}`;
  }

  /** From here on what comes is done at once. */
  private end(): void {
    this.direct = true;
    this.tasks = [];
  }

  private inTurn(): readonly Task[] {
    const isLast = ({ core }: Task): boolean => core === this.last;
    return [...this.tasks.filter(isLast), ...this.tasks.filter((task) => !isLast(task))];
  }

  private submit(core: Core, command: Command): Promise<unknown> {
    const order = core.sent++;
    return new Promise((resolve, reject) => {
      const task: Task = { core, order, command, resolve, reject, orphaned: false };
      if (!this.direct && !this.isEager(command)) this.tasks.push(task);
      else {
        while (!command.action.step(0));
        this.answer(task);
      }
    });
  }

  private finish(task: Task): void {
    this.tasks = this.tasks.filter((other) => other !== task);
    if (!task.orphaned) this.answer(task);
  }

  private answer({ core, order, command, resolve }: Task): void {
    const result = command.action.result();
    this.tell(core, `${order}:${canonical(core.sees(command, result))}`);
    resolve(result);
  }

  private lose(task: Task): void {
    this.left.losses--;
    if (task.command.writes) task.orphaned = true;
    else this.tasks = this.tasks.filter((other) => other !== task);
    this.tell(task.core, `${task.order}:lost`);
    task.reject(failure(new MongoNetworkError('the answer is lost')));
  }

  private crash(core: Core): void {
    this.left.crashes--;
    core.alive = false;
    this.tasks = this.tasks.filter((task) => task.core !== core || task.orphaned);
  }

  /** Told in another order, the same words are another history. */
  private tell(core: Core, what: string): void {
    core.history = digest(`${core.history.join()}|${what}`);
  }
}

/** From here on the core goes by this alone, beside what it waits for. */
export function forget(core: Core, but: unknown): void {
  core.history = digest(canonical(but));
}
