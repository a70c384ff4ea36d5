import type { Binary } from 'mongodb';

/** `due` of a message that is staged: written, but no part of the queue yet. */
export const STAGED = -1;

/** `due` of a message that nothing holds. */
export const FREE = 0;

/** One message. Sharded by `uid`; `_id` is unique within it. */
export interface MessageDoc {
  /** The message id. */
  readonly _id: string;
  /** The queue's incarnation: the shard key. */
  readonly uid: string;
  /** The marker; while staged the id itself, which is unique and lies in no range of numbers. */
  readonly k: number | string;
  /** STAGED, FREE, or the tick until which a claim holds it. */
  readonly due: number;
  /** When its life ends: whole seconds. */
  readonly exp: Date;
  /** Its place in its post, from 0, and how many the post has. */
  readonly i: number;
  readonly n: number;
  /** Seconds of life as shown. */
  readonly ttl: number;
  /** When it was posted. */
  readonly at: Date;
  /** The client id of the poster. */
  readonly po: string | null;
  /** Media type; empty for application/json. */
  readonly type: string;
  /** Claims ever made on it, and those since the last redrive. */
  readonly ep: number;
  readonly tries: number;
  /** The claim that took it last, its ttl in seconds, and when it was made or renewed; absent once released. */
  readonly cl?: string;
  readonly ct?: number;
  readonly cs?: Date;
  /** Bytes of the body. */
  readonly size: number;
  readonly body: Binary;
}

/** What a message is judged by: all but its body. */
export type MessageFacts = Omit<MessageDoc, 'body'>;

/** One post in a log entry. */
export interface LogItem {
  /** Its batch id, and how many messages it has. */
  readonly b: string;
  readonly n: number;
  /** Its producer record; null without a key. */
  readonly key: string | null;
}

/** Posts that became part of the queue in one step, in order. */
export interface LogEntry {
  /** Names this push, and no other. */
  readonly p: string;
  /** Messages of all its posts. */
  readonly t: number;
  readonly g: readonly LogItem[];
}

/** What an incarnation is at: the one document that orders its posts. */
export interface HeadDoc {
  /** The incarnation. */
  readonly _id: string;
  /** True from its fence on. */
  readonly gone: boolean;
  /** The last marker that is given out, to the last post in the log. */
  readonly next: number;
  /** Posts that are part of the queue, in marker order, from the first that may not have its markers yet. */
  readonly log: readonly LogEntry[];
  /** +1 whenever a waiter should look again. */
  readonly v: number;
  /** Milliseconds: since when something is left to be done (apply the log, free the rows); 0 when nothing is. */
  readonly at: number;
  readonly openedAt: Date;
  /** When a fenced head may be forgotten: long after the last late write. */
  readonly forget?: Date;
}

/** The record of a producer key. */
export interface KeyDoc {
  readonly _id: string;
  /** The queue's incarnation: the shard key. */
  readonly uid: string;
  readonly producer: string;
  readonly sequence: string;
  /** A digest of the post's content. */
  readonly fp: string;
  /** The post that owns the key, and how many messages it has. */
  readonly b: string;
  readonly n: number;
  /** The marker of its first message once it is decided that this post is the one; null before. */
  readonly first: number | null;
  /** Posts that it was taken from before they were decided: they are never shown. */
  readonly not?: readonly string[];
  /** When it was last taken by a post. */
  readonly at: Date;
  /** From when on the key may be used anew. */
  readonly until: Date;
}

/** A queue under its name. */
export interface QueueDoc {
  /** Name and project in one text, unambiguous. */
  readonly _id: string;
  /** "-" for the global project, "+" and the id for a named one. */
  readonly project: string;
  readonly name: string;
  readonly uid: string;
  readonly pool: string;
  readonly metadata: Binary;
  readonly createdAt: Date;
}

/** A fact about the whole database, such as the version of its schema. */
export interface MetaDoc {
  readonly _id: string;
  readonly [field: string]: unknown;
}
