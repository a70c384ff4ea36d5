import type { RecordedCommand } from './recorded-command.js';

/**
 * The longest chain of commands each of which was sent after the answer to the one before: what was in flight side by
 * side counts once. A command that waits for another one's answer is always sent after it, so that the chain is never
 * shorter than what an operation waits for; it is longer only where a command was held up on its way out.
 */
export function roundTrips(commands: readonly Pick<RecordedCommand, 'begun' | 'ended'>[]): number {
  const chains: { readonly ended: number; readonly length: number }[] = [];
  for (const { begun, ended } of [...commands].sort((a, b) => a.begun - b.begun)) {
    const before = chains.filter((chain) => chain.ended < begun).map(({ length }) => length);
    chains.push({ ended, length: 1 + Math.max(0, ...before) });
  }
  return Math.max(0, ...chains.map(({ length }) => length));
}
