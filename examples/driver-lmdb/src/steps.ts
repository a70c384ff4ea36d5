import {
  formatMessageId,
  HoldState,
  isDue,
  judgeDeletion,
  lifeUnderClaim,
  tickAfter,
  type AckOutcome,
  type ClaimNextOp,
  type Millis,
  type MessageOp,
  type MessageOutcome,
  type NothingClaimable,
  type PopNextOp,
  type PostOp,
  type RenewIfLiveOp,
  type WholeKey,
  type WholeMessage,
} from 'marconi/storage';
import { show, takeFitting, type Queue } from './queue.js';

/** A step on an incarnation that lives. */
export type LivingOp = Exclude<MessageOp, { kind: 'open' | 'fence' }>;

/** Does one step within a transaction; a step that is refused has changed nothing. */
export function doStep(queue: Queue, op: LivingOp, skew: Millis): MessageOutcome {
  switch (op.kind) {
    case 'post':
      return post(queue, op);
    case 'claimNext':
      return claimNext(queue, op, skew);
    case 'popNext':
      return popNext(queue, op, skew);
    case 'renewIfLive':
      return renewIfLive(queue, op);
    case 'releaseIfLive':
      return releaseIfLive(queue, op.claim);
    case 'deleteIfAllowed':
      return deleteIfAllowed(queue, op.id, op.claim);
    case 'deleteAll':
      return { kind: 'deleted', count: op.ids.filter((id) => remove(queue, id)).length };
    case 'acknowledgeIfHolder':
      return { kind: 'acknowledged', outcomes: op.ids.map((id) => acknowledge(queue, id, op.claim)) };
  }
}

function post(queue: Queue, op: PostOp): MessageOutcome {
  const { batch, messages, key, poster } = op;
  const keyPath = ['key', queue.uid, key?.producer ?? '', key?.sequence ?? ''];
  const record = key && queue.db.get<WholeKey>(keyPath);
  if (key && record && !isDue(record.until, queue.now)) {
    if (record.fingerprint !== key.fingerprint) return { kind: 'keyReused' };
    return { kind: 'posted', batch: record.batch, first: record.first, count: record.count, duplicate: true };
  }
  const receipt = { batch, first: queue.nextMarker, count: messages.length };
  const free = { state: HoldState.FREE, due: 0, hold: null, epoch: 0, attempt: 0 };
  messages.forEach(({ body, contentType, ttl }, index) => {
    const names = { id: formatMessageId(batch, index), marker: receipt.first + index };
    const times = { ttl, postedAt: queue.now, expires: tickAfter(queue.now, ttl) };
    queue.put({ ...names, body, contentType, ...times, ...free, poster });
  });
  queue.update({ nextMarker: receipt.first + receipt.count });
  if (key) {
    const until = tickAfter(queue.now, key.window);
    queue.db.put(keyPath, { ...key, ...receipt, until });
    queue.db.put(['due', until, ...keyPath], true);
  }
  return { kind: 'posted', ...receipt, duplicate: false };
}

/** What a taker may have: an earlier claim is over for it only when it is so on a clock that is behind by the skew. */
function claimable(queue: Queue, { limit, maxBytes }: ClaimNextOp | PopNextOp, skew: Millis): WholeMessage[] {
  function* all(): Generator<WholeMessage> {
    for (const message of queue.visible()) if (isDue(message.due, queue.now - skew)) yield message;
  }
  return takeFitting(all(), limit, maxBytes);
}

function nothing(queue: Queue): NothingClaimable {
  const dues = [...queue.visible()].map(({ due }) => due);
  return { kind: 'none', nextAt: dues.length === 0 ? null : Math.min(...dues) };
}

function claimNext(queue: Queue, op: ClaimNextOp, skew: Millis): MessageOutcome {
  const taken = claimable(queue, op, skew);
  if (taken.length === 0) return nothing(queue);
  const counted = taken.map((message) => ({ ...message, epoch: message.epoch + 1, attempt: message.attempt + 1 }));
  const messages = hold(queue, counted, op).map(show);
  const ends = tickAfter(queue.now, op.ttl);
  return { kind: 'claimed', claim: { id: op.claim, ttl: op.ttl, since: queue.now, ends, messages } };
}

function hold(
  queue: Queue,
  messages: readonly WholeMessage[],
  { claim, ttl, grace }: ClaimNextOp | RenewIfLiveOp,
): WholeMessage[] {
  return messages.map((message) => {
    const life = lifeUnderClaim(message, queue.now, ttl, grace);
    const held = { ...message, ...life, hold: { claim, ttl, since: queue.now } };
    queue.put(held);
    return held;
  });
}

function popNext(queue: Queue, op: PopNextOp, skew: Millis): MessageOutcome {
  const taken = claimable(queue, op, skew);
  if (taken.length === 0) return nothing(queue);
  for (const message of taken) queue.remove(message);
  return { kind: 'popped', messages: taken.map(show) };
}

function renewIfLive(queue: Queue, op: RenewIfLiveOp): MessageOutcome {
  const held = hold(queue, queue.heldBy(op.claim), op);
  return held.length === 0 ? { kind: 'unknown' } : { kind: 'renewed', ends: tickAfter(queue.now, op.ttl) };
}

function releaseIfLive(queue: Queue, claim: string): MessageOutcome {
  const held = queue.heldBy(claim);
  for (const message of held) queue.put({ ...message, state: HoldState.FREE, due: 0, hold: null });
  if (held.length > 0) queue.update();
  return { kind: 'released', count: held.length };
}

function deleteIfAllowed(queue: Queue, id: string, named: string | null): MessageOutcome {
  const message = queue.find(id);
  if (!message) return { kind: 'absent' };
  const namedLives = named !== null && queue.heldBy(named).length > 0;
  const verdict = judgeDeletion({ named, holder: queue.holder(message), namedLives });
  if (verdict !== 'delete') return { kind: verdict };
  queue.remove(message);
  return { kind: 'deleted' };
}

function remove(queue: Queue, id: string): boolean {
  const message = queue.find(id);
  if (message) queue.remove(message);
  return message !== null;
}

function acknowledge(queue: Queue, id: string, claim: string): AckOutcome {
  const message = queue.find(id);
  if (!message) return 'alreadyGone';
  if (queue.holder(message) !== claim) return 'claimLost';
  queue.remove(message);
  return 'acknowledged';
}
