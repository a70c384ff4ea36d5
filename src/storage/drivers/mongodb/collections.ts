import type { Db } from 'mongodb';
import type { DocCollection } from './collection.js';
import type { HeadDoc, KeyDoc, MessageDoc, MetaDoc, QueueDoc } from './documents.js';
import { longestCommand } from './in-time.js';
import { MongoCollection } from './mongo-collection.js';

/** The collections of one database. */
export interface Collections {
  readonly queues: DocCollection<QueueDoc>;
  readonly heads: DocCollection<HeadDoc>;
  readonly messages: DocCollection<MessageDoc>;
  /** Producer records. */
  readonly posts: DocCollection<KeyDoc>;
  readonly meta: DocCollection<MetaDoc>;
}

/**
 * The collections of a database, with the read and write concern that its client was given.
 * @param limitMs milliseconds after which a command is given up though the client still waits
 */
export function collectionsOf(db: Db, limitMs: number = longestCommand()): Collections {
  const open = <T extends { _id: string }>(name: keyof Collections) =>
    new MongoCollection<T>(db.collection<T>(name), limitMs);
  return {
    queues: open<QueueDoc>('queues'),
    heads: open<HeadDoc>('heads'),
    messages: open<MessageDoc>('messages'),
    posts: open<KeyDoc>('posts'),
    meta: open<MetaDoc>('meta'),
  };
}
