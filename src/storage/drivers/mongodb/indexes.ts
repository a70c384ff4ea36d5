import type { Collections } from './collections.js';
import type { Filter } from './collection.js';

/** An index that Marconi needs, and why. */
export interface DeclaredIndex {
  readonly collection: keyof Collections;
  readonly name: string;
  readonly key: Readonly<Record<string, 1>>;
  readonly unique?: true;
  /** The server deletes a document when the time in its key has come. Never relied on: sweeping frees the same. */
  readonly ttl?: true;
  /** Only documents that match are in the index. Never relied on: it only keeps the index small. */
  readonly partial?: Filter;
  readonly reason: string;
}

/** Every index beside those on `_id`. */
export const INDEXES: readonly DeclaredIndex[] = [
  {
    collection: 'messages',
    name: 'marker',
    key: { uid: 1, k: 1 },
    unique: true,
    reason: 'Lists a queue in marker order; no two messages of a queue can have one marker.',
  },
  {
    collection: 'messages',
    name: 'due',
    key: { uid: 1, due: 1, k: 1, exp: 1 },
    reason: 'Finds what is free in marker order however much is claimed; counts by state; finds ended claims.',
  },
  {
    collection: 'messages',
    name: 'claim',
    key: { uid: 1, cl: 1, k: 1 },
    partial: { cl: { $gt: '' } },
    reason: 'Finds the messages of a claim; with the partial index messages without one cost nothing here.',
  },
  {
    collection: 'messages',
    name: 'expiry',
    key: { exp: 1 },
    ttl: true,
    reason: 'Finds expired messages of all queues to free them; the server helps where it has TTL indexes.',
  },
  {
    collection: 'heads',
    name: 'work',
    key: { gone: 1, at: 1 },
    reason: 'Finds posts that a crashed core left half done, and deleted queues whose rows are to be freed.',
  },
  {
    collection: 'heads',
    name: 'open',
    key: { gone: 1, _id: 1 },
    reason: 'Goes through the incarnations that are open, to find those that lost their name.',
  },
  {
    collection: 'heads',
    name: 'forget',
    key: { forget: 1 },
    ttl: true,
    reason: 'Drops the tombstones of deleted queues a day after the last row is freed.',
  },
  {
    collection: 'posts',
    name: 'queue',
    key: { uid: 1, _id: 1 },
    reason: 'Finds the producer records of a queue; carries the shard key.',
  },
  {
    collection: 'posts',
    name: 'until',
    key: { until: 1 },
    ttl: true,
    reason: 'Finds producer records whose window is over to free them; the server helps where it has TTL indexes.',
  },
  {
    collection: 'queues',
    name: 'name',
    key: { project: 1, name: 1 },
    unique: true,
    reason: 'Finds a queue by project and name, lists a project in byte order; a name belongs to one queue.',
  },
  {
    collection: 'queues',
    name: 'incarnation',
    key: { uid: 1 },
    reason: 'Tells which incarnations still have a name.',
  },
];

/** How an index may be made, as the driver takes it. */
export interface IndexChoice {
  readonly name: string;
  readonly unique?: true;
  readonly expireAfterSeconds?: number;
  readonly partialFilterExpression?: Filter;
}

/** Ways to make the index, best first: with what only some servers have, and without. */
export function choicesOf({ name, unique, ttl, partial }: DeclaredIndex): readonly IndexChoice[] {
  const plain: IndexChoice = { name, ...(unique ? { unique } : {}) };
  const best: IndexChoice = {
    ...plain,
    ...(ttl ? { expireAfterSeconds: 0 } : {}),
    ...(partial ? { partialFilterExpression: partial } : {}),
  };
  return ttl || partial ? [best, plain] : [plain];
}
