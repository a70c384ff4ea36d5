import { describe } from '../store/model-collection.js';
import type { Core, Task } from './scheduler.js';

/** What may happen next. */
export type Choice =
  | { readonly kind: 'step'; readonly task: Task; readonly name: string; readonly pick: number; readonly late: boolean }
  | { readonly kind: 'lose'; readonly task: Task; readonly name: string }
  | { readonly kind: 'crash'; readonly core: Core }
  /** Nobody waits any more, and what was given up is never carried out. */
  | { readonly kind: 'end' };

/** What a choice is called, and what it is about: a step on its database, or a fault. */
export interface Move {
  readonly name: string;
  readonly core: string;
  readonly collection?: string;
  readonly id?: string | undefined;
  readonly writes: boolean;
}

/** The steps that a command of that name may take next. */
export function stepsOf(task: Task, name: string): readonly Choice[] {
  const picks = [...Array(task.command.action.alternatives()).keys()];
  return picks.map((pick): Choice => ({ kind: 'step', task, name, pick, late: task.orphaned }));
}

/** A name for each command, the same in the same state, whatever came before. */
export function namesOf(tasks: readonly Task[]): ReadonlyMap<Task, string> {
  const alike = new Map<string, number>();
  const named = tasks.map((task): [Task, string] => {
    const text = `${task.core.name}${task.orphaned ? ' late' : ''} ${describe(task.command)}`;
    const nth = alike.get(text) ?? 0;
    alike.set(text, nth + 1);
    return [task, `${text}#${nth}`];
  });
  return new Map(named);
}

/** The choice as a move: the same name wherever it is still to be made. */
export function moveOf(choice: Choice): Move {
  if (choice.kind === 'end') return { name: 'end', core: '', writes: true };
  if (choice.kind === 'crash') return { name: `${choice.core.name} crashes`, core: choice.core.name, writes: true };
  const { core, command } = choice.task;
  const { name } = choice;
  if (choice.kind === 'lose') return { name: `${name} lost`, core: core.name, writes: true };
  const { id, writes } = command.action.access(choice.pick);
  return { name: `${name}.${choice.pick}`, core: core.name, collection: command.collection, id, writes };
}

/** Collections whose writes are judged by their order, whatever documents they are about. */
const ORDERED = new Set(['messages']);

/** False when it is of no importance which of the two comes first. */
export function interfere(a: Move, b: Move): boolean {
  if (a.core === b.core || a.name === 'end' || b.name === 'end') return true;
  // A fault is about one core, and about how many there may be.
  if (a.collection === undefined || b.collection === undefined) return a.collection === b.collection;
  // Moments are about the world.
  if (a.collection === 'meta' || b.collection === 'meta') return true;
  if (a.collection !== b.collection || !(a.writes || b.writes)) return false;
  if (a.writes && b.writes && ORDERED.has(a.collection)) return true;
  return a.id === undefined || b.id === undefined || a.id === b.id;
}

/** A choice in one line, for traces. */
export function told(choice: Choice): string {
  if (choice.kind === 'end') return 'the end';
  if (choice.kind === 'crash') return `${choice.core.name} crashes`;
  const { core, order, command } = choice.task;
  const text = `${core.name}#${order} ${describe(command)}`;
  if (choice.kind === 'lose') return `${text}: the answer is lost`;
  return `${text}${choice.pick > 0 ? `, its part ${choice.pick}` : ''}${choice.late ? ', late' : ''}`;
}
