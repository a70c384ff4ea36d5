import { HoldState } from '../../../../domain/life.js';
import { parseMessageId } from '../../../../domain/message-id.js';
import { MarconiError } from '../../../../errors/marconi-error.js';
import { UNNAMED_COPY_MS, type WholeKey, type WholeMessage, type WholeQueue } from '../../../ports/index.js';
import type { Commit } from '../commit/commit.js';
import type { HeadRow } from '../tables/heads.js';
import { posterBytes } from '../tables/messages.js';

/** One write of a copy. */
export type CopyStep =
  | { readonly kind: 'putQueue'; readonly queue: WholeQueue }
  | { readonly kind: 'putMessages'; readonly uid: string; readonly messages: readonly WholeMessage[] }
  | { readonly kind: 'putKeys'; readonly uid: string; readonly keys: readonly WholeKey[] }
  | { readonly kind: 'nameQueue'; readonly queue: WholeQueue };

/** Applies the step; false when it is refused and nothing was changed. */
export function applyCopyStep(commit: Commit, step: CopyStep): boolean {
  switch (step.kind) {
    case 'putQueue':
      return putQueue(commit, step.queue);
    case 'putMessages':
      return putMessages(commit, opened(commit, step.uid), step.messages);
    case 'putKeys':
      return putKeys(commit, opened(commit, step.uid), step.keys);
    case 'nameQueue':
      return nameQueue(commit, step.queue);
  }
}

function putQueue(commit: Commit, { ref, nextMarker }: WholeQueue): boolean {
  const known = commit.heads.find(ref.uid);
  if (known?.fenced != null) throw givenUp(ref.uid);
  const head = known ?? commit.heads.create(ref.uid, Math.floor(commit.now) + UNNAMED_COPY_MS);
  head.next = Math.max(head.next, nextMarker);
  commit.heads.changed(head);
  return true;
}

function putMessages(commit: Commit, head: HeadRow, messages: readonly WholeMessage[]): boolean {
  for (const message of messages) {
    if (!commit.tables.messages.at(head.q, message.marker)) putMessage(commit, head, message);
  }
  return true;
}

function putMessage(commit: Commit, head: HeadRow, message: WholeMessage): void {
  const parts = parseMessageId(message.id);
  if (!parts) throw new MarconiError('INVALID_BODY', `${message.id} is no message id.`);
  const { marker: k, hold, poster, ttl, expires, epoch, attempt, postedAt, body, contentType } = message;
  const held = message.due > commit.tick;
  const place = { q: head.q, k, batch: parts.batch, idx: parts.index };
  const life = { ttl, expires, state: held ? message.state : HoldState.FREE, due: held ? message.due : 0 };
  const claim = held && hold ? hold.claim : '';
  const what = { poster: posterBytes(poster), postedAt, claim, epoch, attempt, body, contentType };
  commit.insert(head, { ...place, ...life, ...what });
  if (held && hold) {
    commit.claims.gain({ q: head.q, id: hold.claim, ttl: hold.ttl, since: hold.since, ends: message.due }, k);
  }
}

function putKeys(commit: Commit, head: HeadRow, keys: readonly WholeKey[]): boolean {
  for (const { producer, sequence, fingerprint, batch, first, count, until } of keys) {
    const key = { producer, sequence, fingerprint, window: 0 };
    commit.tables.keys.put(head.q, key, { batch, first, count, until });
  }
  return true;
}

function nameQueue({ tables }: Commit, { project, name, ref, metadata, createdAt }: WholeQueue): boolean {
  const known = tables.queues.find(project, name);
  if (known) return known.ref.uid === ref.uid;
  tables.queues.insert(project, name, ref, createdAt, metadata);
  return true;
}

function opened(commit: Commit, uid: string): HeadRow {
  const head = commit.heads.open(uid);
  if (!head) throw givenUp(uid);
  return head;
}

function givenUp(uid: string): MarconiError {
  const text = `The incarnation ${uid} was deleted on this storage, or given up: copy to an empty one.`;
  return new MarconiError('STORAGE_UNAVAILABLE', text);
}
