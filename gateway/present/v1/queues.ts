import type { GetQueueStatsResponse, MessageMoment, Queue } from '../../../src/gen/marconi/v1/queues.js';
import { messagePath, queuePath } from './links.js';

/** A page of queues with its `next` link; each with its metadata, as it was stored, when `detailed`. */
export function queuePage(queues: readonly Queue[], detailed: boolean, links: string): Buffer {
  const parts: Buffer[] = [Buffer.from('{"queues":[')];
  queues.forEach(({ name, metadata }, index) => {
    const entry = `${index > 0 ? ',' : ''}{"name":"${name}","href":"${queuePath(name)}"`;
    if (detailed) parts.push(Buffer.from(`${entry},"metadata":`), metadata, Buffer.from('}'));
    else parts.push(Buffer.from(`${entry}}`));
  });
  parts.push(Buffer.from(`],${links}}`));
  return Buffer.concat(parts);
}

/** The numbers of a queue; `oldest` and `newest` are absent when it is empty (spec rest-v1 2.8). */
export function statsDocument(queue: string, stats: GetQueueStatsResponse): string {
  const { claimed, free, total, oldest, newest } = stats;
  const counts = `"claimed":${claimed},"free":${free},"total":${total}`;
  const ends = total > 0n && oldest && newest ? `,"oldest":${end(queue, oldest)},"newest":${end(queue, newest)}` : '';
  return `{"messages":{${counts}${ends}}}`;
}

function end(queue: string, { id, postedAt, ageSeconds }: MessageMoment): string {
  // Whole seconds, rounded down, so that nothing was created in the future.
  const created = new Date(Number(postedAt?.seconds ?? 0n) * 1000).toISOString().replace('.000Z', 'Z');
  return `{"href":"${messagePath(queue, id)}","age":${ageSeconds},"created":"${created}"}`;
}
