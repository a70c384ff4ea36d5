import { judgeDeletion } from '../../../domain/deletion.js';
import { HoldState, lifeUnderClaim } from '../../../domain/life.js';
import { formatMessageId } from '../../../domain/message-id.js';
import { isDue, tickAfter, type Millis } from '../../../domain/time.js';
import type {
  AckOutcome,
  AcknowledgeIfHolderOp,
  ClaimNextOp,
  DeleteAllOp,
  DeleteIfAllowedOp,
  MessageOutcomes,
  NewMessage,
  NothingClaimable,
  PopNextOp,
  PostOp,
  ReleaseIfLiveOp,
  RenewIfLiveOp,
} from '../../ports/index.js';
import { keyText, show, takeFitting, type Incarnation, type KeptMessage } from './incarnation.js';

/** Stores the messages under consecutive markers, or finds the receipt of an earlier post with the same key. */
export function post(queue: Incarnation, op: PostOp, now: Millis): MessageOutcomes['post'] {
  const record = op.key ? queue.keys.get(keyText(op.key)) : undefined;
  if (record && !isDue(record.until, now)) {
    if (record.fingerprint !== op.key?.fingerprint) return { kind: 'keyReused' };
    return { kind: 'posted', batch: record.batch, first: record.first, count: record.count, duplicate: true };
  }
  const receipt = { batch: op.batch, first: queue.nextMarker, count: op.messages.length };
  op.messages.forEach((message, index) => store(queue, op, message, index, now));
  if (op.key) {
    const { fingerprint, window } = op.key;
    queue.keys.set(keyText(op.key), { ...receipt, fingerprint, until: tickAfter(now, window) });
  }
  return { kind: 'posted', ...receipt, duplicate: false };
}

function store(queue: Incarnation, { batch, poster }: PostOp, message: NewMessage, index: number, now: Millis): void {
  const id = formatMessageId(batch, index);
  queue.messages.set(id, {
    id,
    marker: queue.nextMarker++,
    body: new Uint8Array(message.body),
    contentType: message.contentType,
    ttl: message.ttl,
    postedAt: now,
    expires: tickAfter(now, message.ttl),
    state: HoldState.FREE,
    due: 0,
    poster,
    epoch: 0,
    attempt: 0,
    claim: null,
  });
}

/** Claims the first claimable messages, lengthening the lives that would end too soon (C1 to C5, grace). */
export function claimNext(queue: Incarnation, op: ClaimNextOp, now: Millis): MessageOutcomes['claimNext'] {
  const taken = takeFitting(queue.allClaimable(now), op.limit, op.maxBytes);
  if (taken.length === 0) return nothing(queue, now);
  const claim = { id: op.claim, ttl: op.ttl, since: now, ends: tickAfter(now, op.ttl) };
  queue.claims.set(op.claim, claim);
  const messages = taken.map((message) => {
    const { epoch, attempt } = message;
    const life = lifeUnderClaim(message, now, op.ttl, op.grace);
    return put(queue, { ...message, ...life, claim: op.claim, epoch: epoch + 1, attempt: attempt + 1 });
  });
  return { kind: 'claimed', claim: { ...claim, messages: messages.map(show) } };
}

function nothing(queue: Incarnation, now: Millis): NothingClaimable {
  return { kind: 'none', nextAt: queue.nextRelease(now) };
}

function put(queue: Incarnation, message: KeptMessage): KeptMessage {
  queue.messages.set(message.id, message);
  return message;
}

/** Lets a live claim with messages end `ttl` seconds from now (C6, C9). */
export function renewIfLive(queue: Incarnation, op: RenewIfLiveOp, now: Millis): MessageOutcomes['renewIfLive'] {
  const held = queue.heldBy(op.claim, now);
  if (held.length === 0) return { kind: 'unknown' };
  const ends = tickAfter(now, op.ttl);
  queue.claims.set(op.claim, { id: op.claim, ttl: op.ttl, since: now, ends });
  for (const message of held) put(queue, { ...message, ...lifeUnderClaim(message, now, op.ttl, op.grace) });
  return { kind: 'renewed', ends };
}

/** Ends a claim as if it expired now (C7). */
export function releaseIfLive(queue: Incarnation, op: ReleaseIfLiveOp, now: Millis): MessageOutcomes['releaseIfLive'] {
  const held = queue.heldBy(op.claim, now);
  queue.claims.delete(op.claim);
  for (const message of held) put(queue, { ...message, state: HoldState.FREE, due: 0, claim: null });
  return { kind: 'released', count: held.length };
}

/** Deletes one message where the table of rest-v1 2.14 allows it. */
export function deleteIfAllowed(
  queue: Incarnation,
  op: DeleteIfAllowedOp,
  now: Millis,
): MessageOutcomes['deleteIfAllowed'] {
  const message = queue.visible(op.id, now);
  if (!message) return { kind: 'absent' };
  const namedLives = op.claim !== null && queue.heldBy(op.claim, now).length > 0;
  const verdict = judgeDeletion({ named: op.claim, holder: queue.holder(message, now), namedLives });
  if (verdict !== 'delete') return { kind: verdict };
  queue.messages.delete(op.id);
  return { kind: 'deleted' };
}

/** Deletes the visible ones among the messages, claimed or not. */
export function deleteAll(queue: Incarnation, op: DeleteAllOp, now: Millis): MessageOutcomes['deleteAll'] {
  const found = op.ids.filter((id) => queue.visible(id, now) && queue.messages.delete(id));
  return { kind: 'deleted', count: found.length };
}

/** Deletes what the live claim holds; an id named twice is gone the second time. */
export function acknowledgeIfHolder(
  queue: Incarnation,
  op: AcknowledgeIfHolderOp,
  now: Millis,
): MessageOutcomes['acknowledgeIfHolder'] {
  const outcomes = op.ids.map((id): AckOutcome => {
    const message = queue.visible(id, now);
    if (!message) return 'alreadyGone';
    if (queue.holder(message, now) !== op.claim) return 'claimLost';
    queue.messages.delete(id);
    return 'acknowledged';
  });
  return { kind: 'acknowledged', outcomes };
}

/** Takes the first claimable messages out for good. */
export function popNext(queue: Incarnation, op: PopNextOp, now: Millis): MessageOutcomes['popNext'] {
  const taken = takeFitting(queue.allClaimable(now), op.limit, op.maxBytes);
  if (taken.length === 0) return nothing(queue, now);
  for (const { id } of taken) queue.messages.delete(id);
  return { kind: 'popped', messages: taken.map(show) };
}
