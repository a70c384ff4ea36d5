import { readFileSync } from 'node:fs';

/** The processes that a process started and that live; Linux. */
export function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

/** The gateway that `serve` runs beside its core. */
export function gatewayOf(pid: number): number {
  const [child, ...others] = childrenOf(pid);
  if (child === undefined || others.length > 0) throw new Error(`Expected one child, found ${childrenOf(pid).length}.`);
  return child;
}
