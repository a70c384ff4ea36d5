import { queueLabel, timeOf, type Endpoint } from './endpoint.js';
import { queuePages } from './pages.js';

/** What there is to be copied. */
export interface Survey {
  readonly queues: number;
  readonly messages: number;
}

/** The copy cannot be made as the storages are; what was copied so far stays. */
export class CopyRefused extends Error {
  override readonly name = 'CopyRefused';
}

/** Conflicts that are told at the most. */
const MOST = 20;

/** Counts what is to be copied. Rejects with CopyRefused, naming them, when names belong to other queues already. */
export async function survey(source: Endpoint, target: Endpoint): Promise<Survey> {
  const now = timeOf(source, target);
  const conflicts: string[] = [];
  let [queues, messages] = [0, 0];
  for await (const page of queuePages(source.transfer)) {
    for (const queue of page) {
      const there = await target.control.findQueue(queue.project, queue.name);
      if (there && there.ref.uid !== queue.ref.uid && conflicts.length < MOST) conflicts.push(queueLabel(queue));
      const stats = await source.messages.stats(queue.ref, now);
      queues += 1;
      messages += stats.kind === 'gone' ? 0 : stats.total;
    }
  }
  if (conflicts.length > 0) throw namesTaken(conflicts);
  return { queues, messages };
}

/** The refusal for queues whose names the target has given to others. */
export function namesTaken(labels: readonly string[]): CopyRefused {
  const advice = 'delete them there, or copy to an empty storage';
  return new CopyRefused(`the target has other queues of the same names (${labels.join(', ')}): ${advice}.`);
}
