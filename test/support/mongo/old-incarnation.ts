import { status, type ServiceError } from '@grpc/grpc-js';
import { Acknowledgement_Outcome } from '../../../src/gen/marconi/v1/claims.js';
import { call, type Connection } from '../grpc-client.js';

/** What clients have in hand of a queue that was deleted since. */
export interface Remains {
  readonly ids: readonly string[];
  /** A claim on some of them. */
  readonly claim: string;
}

const TTL = 600;
const PAGE = 20;

/** Ways to look at a queue that was just made anew: each gives what it finds there of the old one. */
const LOOKS: Readonly<Record<string, (core: Connection, queue: string, old: Remains) => Promise<readonly unknown[]>>> =
  {
    list: async ({ messages }, queue) => {
      const request = { queue, marker: '', echo: true, includeClaimed: true, limit: PAGE };
      return (await call(messages, 'listMessages', request)).messages;
    },
    claim: async ({ claims }, queue) => {
      const request = { queue, ttlSeconds: TTL, graceSeconds: 60, limit: PAGE };
      return (await call(claims, 'createClaim', request)).claim?.messages ?? [];
    },
    pop: async ({ messages }, queue) => (await call(messages, 'popMessages', { queue, limit: PAGE })).messages,
    get: async ({ messages }, queue, { ids: [id = ''] }) => {
      const found = await unlessNotFound(call(messages, 'getMessage', { queue, id }));
      return found === null ? [] : [found.message];
    },
    'get several': async ({ messages }, queue, { ids }) =>
      (await unlessNotFound(call(messages, 'getMessages', { queue, ids: [...ids] })))?.messages ?? [],
    stats: async ({ queues }, queue) => {
      const { total } = await call(queues, 'getQueueStats', { queue });
      return total === 0n ? [] : [total];
    },
    'look at the claim': async ({ claims }, queue, { claim }) => {
      const found = await unlessNotFound(call(claims, 'getClaim', { queue, claimId: claim }));
      return found === null ? [] : [found.claim];
    },
    renew: async ({ claims }, queue, { claim }) => {
      const request = { queue, claimId: claim, ttlSeconds: TTL };
      const renewed = await unlessNotFound(call(claims, 'updateClaim', request));
      return renewed === null ? [] : [renewed];
    },
    acknowledge: async ({ claims }, queue, { claim, ids }) => {
      const answer = await unlessNotFound(
        call(claims, 'acknowledgeMessages', { queue, claimId: claim, ids: [...ids] }),
      );
      const outcomes = answer?.acknowledgements.map(({ outcome }) => outcome) ?? [];
      return outcomes.filter((outcome) => outcome === Acknowledgement_Outcome.OUTCOME_ACKNOWLEDGED);
    },
  };

/** The names of these ways. */
export const WAYS = Object.keys(LOOKS);

/**
 * Looks at an empty queue in every way, one of them first and alone, then the others at once: only the first use of a
 * core meets what it remembers. Gives the ways that showed something old, with what they showed.
 */
export async function looksBack(
  core: Connection,
  queue: string,
  old: Remains,
  turn: number,
): Promise<readonly (readonly [string, readonly unknown[]])[]> {
  const first = turn % WAYS.length;
  const look = async (name: string) => [name, (await LOOKS[name]?.(core, queue, old)) ?? []] as const;
  const found = [await look(WAYS[first] ?? '')];
  found.push(...(await Promise.all(WAYS.filter((_, at) => at !== first).map(look))));
  return found.filter(([, shown]) => shown.length > 0);
}

/** Posts some messages and claims the first of them: what will be old. */
export async function leaveBehind({ messages, claims }: Connection, queue: string, bodies: number): Promise<Remains> {
  const posts = Array.from({ length: bodies }, (_, n) => ({
    body: Buffer.from(`${n}`),
    contentType: '',
    ttlSeconds: TTL,
  }));
  const { ids } = await call(messages, 'postMessages', { queue, messages: posts });
  const request = { queue, ttlSeconds: TTL, graceSeconds: 60, limit: Math.ceil(bodies / 2) };
  const { claim } = await call(claims, 'createClaim', request);
  return { ids, claim: claim?.id ?? '' };
}

/** The ids of all messages of the queue, as the core lists them; null when it knows no such queue. */
export async function idsOf({ messages, queues }: Connection, queue: string): Promise<readonly string[] | null> {
  if ((await unlessNotFound(call(queues, 'getQueueStats', { queue }))) === null) return null;
  const request = { queue, marker: '', echo: true, includeClaimed: true, limit: PAGE };
  return (await call(messages, 'listMessages', request)).messages.map(({ id }) => id);
}

/** Null when the service says that there is no such thing. */
export async function unlessNotFound<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (error) {
    if ((error as ServiceError).code === status.NOT_FOUND) return null;
    throw error;
  }
}
