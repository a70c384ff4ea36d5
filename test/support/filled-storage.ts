import { randomBytes } from 'node:crypto';
import type { MessageOp, QueueRef, Storage } from '../../src/storage/ports/index.js';

const fresh = (): QueueRef => ({ uid: randomBytes(16).toString('hex'), pool: 'default' });

/** Messages of a post, and posts of a commit. */
const POST = 100;
const COMMIT = 10;

/**
 * Fills a new storage with so many messages: most in one queue of the global project, the rest in queues of projects, one
 * of them empty; with metadata, posters, producer keys, holes, live claims that messages of other claims lie between,
 * and messages that have been claimed before. Gives the number of messages that are left.
 */
export async function fillStorage(storage: Storage, messages: number): Promise<number> {
  const shares = [0.7, 0.2, 0.1, 0].map((share) => Math.round((messages * share) / POST) * POST);
  let left = 0;
  for (const [n, share] of shares.entries()) {
    const queue = fresh();
    const project = n === 0 ? null : n === 1 ? 'naïve ☂' : 'p';
    await storage.messages.apply({ ops: [{ kind: 'open', queue }], now: storage.clock.now() });
    await storage.control.createQueue(project, `q${n}`, queue, storage.clock.now());
    await storage.control.setMetadata(project, `q${n}`, Buffer.from(`{ "n": ${n}, "text": "é" }`));
    await postAll(storage, queue, share);
    left += share - (await disturb(storage, queue));
  }
  return left;
}

async function postAll({ messages, clock }: Storage, queue: QueueRef, count: number): Promise<void> {
  const posts = Array.from({ length: count / POST }, (_, n): MessageOp => {
    const key = n % 7 === 0 ? { producer: 'filler', sequence: String(n), fingerprint: 'f', window: 3_600 } : null;
    const poster = n % 3 === 0 ? null : 'ab'.repeat(16);
    return { kind: 'post', queue, batch: randomBytes(12).toString('base64url'), poster, messages: bodies(n), key };
  });
  for (let at = 0; at < posts.length; at += COMMIT) {
    await messages.apply({ ops: posts.slice(at, at + COMMIT), now: clock.now() });
  }
}

function bodies(n: number) {
  return Array.from({ length: POST }, (_, i) => {
    const binary = i % 10 === 0;
    const body = binary ? randomBytes(40) : Buffer.from(JSON.stringify({ n, i, pad: 'x'.repeat((i * 7) % 300) }));
    return { body, contentType: binary ? 'application/octet-stream' : '', ttl: 3_600 + i };
  });
}

/** Claims, releases and deletes at the front of the queue; gives how many messages are gone. */
async function disturb({ messages, clock }: Storage, queue: QueueRef): Promise<number> {
  const claim = (id: string, limit: number): MessageOp => {
    return { kind: 'claimNext', queue, claim: id, ttl: 3_000, grace: 60, limit, maxBytes: 1e9 };
  };
  const ops: readonly MessageOp[] = [
    claim('released', 30),
    { kind: 'releaseIfLive', queue, claim: 'released' },
    { kind: 'popNext', queue, limit: 5, maxBytes: 1e9 },
    ...Array.from({ length: 20 }, (_, n) => claim(`held${n}`, 15)),
  ];
  const outcomes = await messages.apply({ ops, now: clock.now() });
  const held = outcomes.flatMap((outcome) => ('claim' in outcome ? outcome.claim.messages.map(({ id }) => id) : []));
  const gone = held.filter((_, n) => n % 9 === 8);
  const [deleted] = await messages.apply({ ops: [{ kind: 'deleteAll', queue, ids: gone }], now: clock.now() });
  const popped = outcomes[2] && 'messages' in outcomes[2] ? outcomes[2].messages.length : 0;
  return popped + (deleted && 'count' in deleted ? deleted.count : 0);
}
