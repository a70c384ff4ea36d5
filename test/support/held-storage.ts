import { openMemory } from '../../src/storage/drivers/memory/index.js';
import type { Batch, MessageOp, MessageOutcome, Storage } from '../../src/storage/ports/index.js';
import { message } from './engine.js';

const queue = (uid: string) => ({ uid, pool: 'default' });

/** A post of one message to a queue. */
export const postStep = (uid = 'q', bytes = 1): MessageOp => ({
  kind: 'post',
  queue: queue(uid),
  batch: 'b'.repeat(16),
  poster: null,
  messages: [{ ...message(0), body: Buffer.alloc(bytes) }],
  key: null,
});

/** The release of a claim. */
export const releaseStep = (uid = 'q', claim = 'c'): MessageOp => ({
  kind: 'releaseIfLive',
  queue: queue(uid),
  claim,
});

/** The end of a queue. */
export const fenceStep = (uid = 'q'): MessageOp => ({ kind: 'fence', queue: queue(uid) });

/** A commit that waits for the test to end it. */
export interface HeldCommit {
  readonly ops: readonly MessageOp[];
  readonly uid: string;
  readonly end: (error?: Error) => void;
}

/** A storage whose commits the test ends one by one; every step comes to `gone`. */
export function heldStorage(commitScope: 'store' | 'queue' = 'store') {
  const batches: HeldCommit[] = [];
  const apply = ({ ops }: Batch): Promise<MessageOutcome[]> =>
    new Promise((resolve, reject) => {
      const outcomes = ops.map(() => ({ kind: 'gone' as const }));
      const end = (error?: Error): void => (error ? reject(error) : resolve(outcomes));
      batches.push({ ops, uid: ops[0]!.queue.uid, end });
    });
  const memory = openMemory();
  const messages = new Proxy(memory.messages, {
    get: (target, key) => (key === 'apply' ? apply : (Reflect.get(target, key) as () => unknown).bind(target)),
  });
  const capabilities = { commitScope, persistent: false, shared: commitScope === 'queue' };
  const storage: Storage = { ...memory, capabilities, messages };
  return { storage, batches, kinds: () => batches.map(({ ops }) => ops.map(({ kind }) => kind)) };
}
