import { formatMessageId } from '../../domain/message-id.js';
import type {
  MessageOp,
  MessageOutcome,
  MessageStore,
  PostOp,
  Storage,
  StoredMessage,
} from '../../storage/ports/index.js';

/** The storage with some of its parts in place of its own. */
export function withParts(storage: Storage, parts: Partial<Pick<Storage, 'clock' | 'control' | 'messages'>>): Storage {
  const { driver, capabilities, durability, clock, control, messages, signals, transfer } = storage;
  return {
    ...{ driver, capabilities, durability, clock, control, messages, signals, transfer },
    health: () => storage.health(),
    close: () => storage.close(),
    ...parts,
  };
}

/** The storage with some methods of its message store in place of its own. */
export function withMessages(storage: Storage, methods: Partial<MessageStore>): Storage {
  const { messages } = storage;
  const own: MessageStore = {
    apply: (batch) => messages.apply(batch),
    sweep: (now, budget) => messages.sweep(now, budget),
    list: (query) => messages.list(query),
    getMany: (queue, ids, maxBytes, now) => messages.getMany(queue, ids, maxBytes, now),
    getClaim: (queue, claim, maxBytes, now) => messages.getClaim(queue, claim, maxBytes, now),
    stats: (queue, now) => messages.stats(queue, now),
    openQueues: (after, limit) => messages.openQueues(after, limit),
  };
  return withParts(storage, { messages: { ...own, ...methods } });
}

/** Steps done in place of one, the first of which answers for it. */
export type Rewrite = (op: MessageOp) => readonly [MessageOp, ...MessageOp[]];

/** The storage that does other steps than those asked for. */
export function rewriting(storage: Storage, rewrite: Rewrite): Storage {
  return withMessages(storage, {
    apply: async (batch) => {
      const groups = batch.ops.map(rewrite);
      const outcomes = await storage.messages.apply({ ...batch, ops: groups.flat() });
      let from = 0;
      return groups.map((group) => {
        const outcome = outcomes[from] as MessageOutcome;
        from += group.length;
        return outcome;
      });
    },
  });
}

/** The storage that answers otherwise than its steps came to. */
export function answering(
  storage: Storage,
  answer: (op: MessageOp, outcome: MessageOutcome) => MessageOutcome,
): Storage {
  return withMessages(storage, {
    apply: async (batch) => {
      const outcomes = await storage.messages.apply(batch);
      return batch.ops.map((op, index) => answer(op, outcomes[index] as MessageOutcome));
    },
  });
}

/** The storage whose listings and findings show other messages than are there. */
export function showing(
  storage: Storage,
  show: (messages: readonly StoredMessage[]) => readonly StoredMessage[],
): Storage {
  return withMessages(storage, {
    list: async (query) => {
      const page = await storage.messages.list(query);
      return page.kind === 'gone' ? page : { ...page, messages: show(page.messages) };
    },
    getMany: async (queue, ids, maxBytes, now) => {
      const found = await storage.messages.getMany(queue, ids, maxBytes, now);
      return found.kind === 'gone' ? found : { ...found, messages: show(found.messages) };
    },
  });
}

/** The ids of the messages of a post. */
export function idsOf({ batch, messages }: PostOp): readonly string[] {
  return messages.map((_, index) => formatMessageId(batch, index));
}
