import type {
  Batch,
  MessageOp,
  MessageOutcome,
  MessagePage,
  MessagePageQuery,
  MessageStore,
  StoredClaim,
  StoredMessage,
} from '../../../src/storage/ports/index.js';
import type { Rule } from './violation.js';

/** A bug as engines have had them: how it behaves, and the rules under which the checker must report it. */
export interface Planted {
  readonly bug: string;
  readonly rules: readonly Rule[];
  readonly wrap: (messages: MessageStore) => MessageStore;
}

type Op<K extends MessageOp['kind']> = Extract<MessageOp, { kind: K }>;
type Run = (op: MessageOp) => Promise<MessageOutcome>;

/** True on every n-th call. */
function everyNth(n: number): () => boolean {
  let calls = 0;
  return () => ++calls % n === 0;
}

/** The store with one kind of step replaced. The clients send one step in a commit. */
function altered<K extends MessageOp['kind']>(
  messages: MessageStore,
  kind: K,
  alter: (op: Op<K>, run: Run, now: number) => Promise<MessageOutcome>,
): MessageStore {
  const apply = async ({ ops, now }: Batch): Promise<readonly MessageOutcome[]> => {
    const run: Run = async (op) => (await messages.apply({ ops: [op], now }))[0]!;
    const outcomes: MessageOutcome[] = [];
    for (const op of ops) outcomes.push(await (op.kind === kind ? alter(op as Op<K>, run, now) : run(op)));
    return outcomes;
  };
  return { ...bound(messages), apply };
}

/** The store with its pages replaced. */
function withPages(
  messages: MessageStore,
  alter: (page: MessagePage, query: MessagePageQuery) => Promise<MessagePage> | MessagePage,
): MessageStore {
  return {
    ...bound(messages),
    list: async (query) => {
      const page = await messages.list(query);
      return page.kind === 'page' ? alter(page, query) : page;
    },
  };
}

function bound(messages: MessageStore): MessageStore {
  return {
    apply: (batch) => messages.apply(batch),
    sweep: (now, budget) => messages.sweep(now, budget),
    list: (query) => messages.list(query),
    getMany: (queue, ids, maxBytes, now) => messages.getMany(queue, ids, maxBytes, now),
    getClaim: (queue, claim, maxBytes, now) => messages.getClaim(queue, claim, maxBytes, now),
    stats: (queue, now) => messages.stats(queue, now),
    openQueues: (after, limit) => messages.openQueues(after, limit),
  };
}

/** The store with what a claim was given replaced. */
function withClaims(
  messages: MessageStore,
  alter: (claim: StoredClaim, now: number) => readonly StoredMessage[],
): MessageStore {
  return altered(messages, 'claimNext', async (op, run, now) => {
    const outcome = await run(op);
    if (!('claim' in outcome)) return outcome;
    return { kind: 'claimed', claim: { ...outcome.claim, messages: alter(outcome.claim, now) } };
  });
}

function swapFirstTwo(messages: readonly StoredMessage[]): readonly StoredMessage[] {
  const [one, two, ...rest] = messages;
  return one && two ? [two, one, ...rest] : messages;
}

/** What a step claimed. */
const taken = (outcome: MessageOutcome): readonly StoredMessage[] => ('claim' in outcome ? outcome.claim.messages : []);

/** Claimed messages as a store would hand them to a second taker. */
const again = (messages: readonly StoredMessage[]) => messages.map((each) => ({ ...each, epoch: each.epoch + 1 }));

const deletes = (op: MessageOp, ids: readonly string[]): MessageOp => ({ kind: 'deleteAll', queue: op.queue, ids });

/** The bugs. */
export const PLANTED: readonly Planted[] = [
  {
    bug: 'loses an acknowledged post',
    rules: ['lost'],
    wrap: (messages) => {
      const fires = everyNth(40);
      return altered(messages, 'post', async (op, run) => {
        const outcome = await run(op);
        if (fires())
          await run(
            deletes(
              op,
              op.messages.map((_, index) => `m${op.batch}-${index}`),
            ),
          );
        return outcome;
      });
    },
  },
  {
    bug: 'hands a message to two claims',
    rules: ['double claim'],
    wrap: (messages) => {
      const fires = everyNth(10);
      let previous: readonly StoredMessage[] = [];
      return withClaims(messages, ({ messages: own }) => {
        const given = fires() ? [...again(previous), ...own] : own;
        previous = own;
        return given;
      });
    },
  },
  {
    bug: 'uses an epoch again',
    rules: ['epoch'],
    wrap: (messages) =>
      withClaims(messages, ({ messages: own }) => own.map((each) => ({ ...each, epoch: Math.min(each.epoch, 1) }))),
  },
  {
    bug: 'hands out two messages in the wrong order',
    rules: ['fifo'],
    wrap: (messages) => withClaims(messages, ({ messages: own }) => swapFirstTwo(own)),
  },
  {
    bug: 'lists two messages in the wrong order',
    rules: ['fifo'],
    wrap: (messages) => withPages(messages, ({ kind, messages: own }) => ({ kind, messages: swapFirstTwo(own) })),
  },
  {
    bug: 'takes a later message before an earlier one',
    rules: ['fifo'],
    wrap: (messages) => {
      const fires = everyNth(5);
      const skipped = new Set<string>();
      return altered(messages, 'claimNext', async (op, run) => {
        const hidden = { ...op, claim: `${op.claim}-hidden`, limit: 2 };
        if (fires()) for (const { id } of taken(await run(hidden))) skipped.add(id);
        const outcome = await run(op);
        await run({ kind: 'releaseIfLive', queue: op.queue, claim: hidden.claim });
        if (!('claim' in outcome)) return outcome;
        const own = outcome.claim.messages.map((each) =>
          skipped.has(each.id) ? { ...each, epoch: each.epoch - 1 } : each,
        );
        return { kind: 'claimed', claim: { ...outcome.claim, messages: own } };
      });
    },
  },
  {
    bug: 'shows a later marker before an earlier one',
    rules: ['missed', 'split'],
    wrap: (messages) => {
      const fires = everyNth(20);
      return withPages(messages, ({ kind, messages: own }, { limit }) => {
        const hides = own.length > 1 && limit < 100 && fires();
        return { kind, messages: hides ? [...own.slice(0, -2), ...own.slice(-1)] : own };
      });
    },
  },
  {
    bug: 'shows a deleted message again',
    rules: ['resurrected'],
    wrap: (messages) => {
      const fires = everyNth(20);
      const dead: StoredMessage[] = [];
      const listing = withPages(messages, ({ kind, messages: own }, { limit }) => {
        const ghost = limit < 100 && fires() ? dead.pop() : undefined;
        return { kind, messages: ghost ? [ghost, ...own] : own };
      });
      return altered(listing, 'acknowledgeIfHolder', async (op, run, now) => {
        const held = await messages.getMany(op.queue, op.ids, 1_000_000, now);
        const outcome = await run(op);
        if (held.kind === 'found' && 'outcomes' in outcome)
          dead.push(...held.messages.filter(({ id }) => outcome.outcomes[op.ids.indexOf(id)] === 'acknowledged'));
        return outcome;
      });
    },
  },
  {
    bug: 'accepts a late delete with a stale claim',
    rules: ['stale accepted'],
    wrap: (messages) =>
      altered(messages, 'acknowledgeIfHolder', async (op, run) => {
        const outcome = await run(op);
        if (!('outcomes' in outcome) || !outcome.outcomes.includes('claimLost')) return outcome;
        await run(deletes(op, op.ids));
        const outcomes = outcome.outcomes.map((each) => (each === 'claimLost' ? 'acknowledged' : each));
        return { kind: 'acknowledged', outcomes };
      }),
  },
  {
    bug: 'renews a claim that is over',
    rules: ['stale accepted'],
    wrap: (messages) =>
      altered(messages, 'renewIfLive', async (op, run, now) => {
        const outcome = await run(op);
        return outcome.kind === 'unknown' ? { kind: 'renewed', ends: Math.ceil(now / 1000) + op.ttl } : outcome;
      }),
  },
  {
    bug: 'serves an expired message',
    rules: ['expired served'],
    wrap: (messages) => ({
      ...bound(messages),
      list: (query) => messages.list({ ...query, now: query.now - 400_000 }),
    }),
  },
  {
    bug: 'keeps half of a post that it did not answer',
    rules: ['split'],
    wrap: (messages) => {
      const fires = everyNth(25);
      let broken: string | null = null;
      return altered(messages, 'post', async (op, run) => {
        const producer = op.key?.producer ?? '';
        if (broken === producer) throw new Error('The connection is lost.');
        const starts = broken === null && op.messages.length > 1 && fires();
        if (!starts) return run(op);
        broken = producer;
        await run({ ...op, messages: op.messages.slice(0, 1) });
        throw new Error('The connection is lost.');
      });
    },
  },
  {
    bug: 'shows a post in two parts',
    rules: ['split'],
    wrap: (messages) => {
      const fires = everyNth(3);
      return withPages(messages, ({ kind, messages: own }, { limit }) => {
        const endsInside = own.length > 1 && own.length < limit && limit < 100 && !own.at(-1)!.id.endsWith('-0');
        return { kind, messages: endsInside && fires() ? own.slice(0, -1) : own };
      });
    },
  },
  {
    bug: 'shows a reader a message twice',
    rules: ['repeated'],
    wrap: (messages) => {
      const fires = everyNth(20);
      return {
        ...bound(messages),
        list: (query) => {
          const { position } = query;
          if (position.kind !== 'after' || position.marker === 0 || !fires()) return messages.list(query);
          return messages.list({ ...query, position: { kind: 'after', marker: position.marker - 1 } });
        },
      };
    },
  },
  {
    bug: 'ignores the idempotency key',
    rules: ['duplicated'],
    wrap: (messages) => altered(messages, 'post', (op, run) => run({ ...op, key: null })),
  },
  {
    bug: 'stores a post that it refused',
    rules: ['phantom'],
    wrap: (messages) => {
      const fires = everyNth(30);
      let broken: string | null = null;
      return altered(messages, 'post', async (op, run) => {
        const producer = op.key?.producer ?? '';
        const outcome = await run(op);
        if (broken === null && fires()) broken = producer;
        return broken === producer ? { kind: 'full' } : outcome;
      });
    },
  },
  {
    bug: 'mixes up two bodies',
    rules: ['corrupted', 'duplicated'],
    wrap: (messages) => {
      const fires = everyNth(15);
      return withPages(messages, ({ kind, messages: own }) => {
        const [one, two, ...rest] = own;
        const mixes = one && two && fires();
        return { kind, messages: mixes ? [{ ...one, body: two.body }, { ...two, body: one.body }, ...rest] : own };
      });
    },
  },
  {
    bug: 'deletes twice',
    rules: ['removed twice'],
    wrap: (messages) =>
      altered(messages, 'acknowledgeIfHolder', async (op, run) => {
        await run(op);
        return { kind: 'acknowledged', outcomes: op.ids.map(() => 'acknowledged') };
      }),
  },
];
