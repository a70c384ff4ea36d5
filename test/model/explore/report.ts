import type { Exploration } from './explorer.js';

/** One line for what exploring a scenario came to, shown by the suite. */
export function line(name: string, { states, runs, violation }: Exploration): string {
  const found = violation === null ? '0 violations' : `violation: ${violation.message}`;
  return `${name}: ${states} states, ${runs} runs, ${found}`;
}
