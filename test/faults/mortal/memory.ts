import type { ListOperation, ProducerMemory, Recorded } from '../../support/history/index.js';

/** What a producer had come to, by what its process wrote down: it repeats its last post if it knows of no answer. */
export function producerMemory(past: readonly Recorded[], name: string): ProducerMemory {
  let memory: ProducerMemory = { sent: 0, sequence: 0, pending: null };
  let last = '';
  for (const { client, op, ending } of past) {
    if (client !== name || op.kind !== 'post') continue;
    const { values, ttl } = op;
    const isRepeat = values.join() === last;
    last = values.join();
    const sent = isRepeat ? memory.sent : memory.sent + values.length;
    const sequence = isRepeat ? memory.sequence : memory.sequence + 1;
    memory = { sent, sequence, pending: ending.kind === 'ok' ? null : { values, ttl, sequence: sequence - 1 } };
  }
  return memory;
}

/** The marker that a reader had kept; empty when it had none. */
export function readerMemory(past: readonly Recorded[], name: string): string {
  const isPage = (record: Recorded): record is Recorded<ListOperation> => record.op.kind === 'list';
  const own = past.filter(isPage).filter(({ client, ending }) => client === name && ending.kind === 'ok');
  const last = own.at(-1)?.ending;
  return last?.kind === 'ok' ? (last.result.next ?? '') : '';
}
