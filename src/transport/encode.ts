import { formatMarker } from '../domain/marker.js';
import { ageSeconds, type Millis, type Tick } from '../domain/time.js';
import type {
  AckOutcome,
  Durability,
  FollowedPage,
  QueueRecord,
  QueueStats,
  Receipt,
  StoredClaim,
  StoredMessage,
} from '../engine/api.js';
import type { Timestamp } from '../gen/google/protobuf/timestamp.js';
import { Acknowledgement_Outcome as Outcome, type Acknowledgement, type Claim } from '../gen/marconi/v1/claims.js';
import type { FollowedMessage } from '../gen/marconi/v1/delivery.js';
import { Durability as DurabilityProto, type Message, type PostMessagesResponse } from '../gen/marconi/v1/messages.js';
import type { GetQueueStatsResponse, MessageMoment, Queue } from '../gen/marconi/v1/queues.js';

/** What the engine knows, as the contract shows it; `now` is the store's time that ages are counted to. */

const DURABILITY: Readonly<Record<Durability, DurabilityProto>> = {
  memory: DurabilityProto.DURABILITY_MEMORY,
  relaxed: DurabilityProto.DURABILITY_RELAXED,
  fsync: DurabilityProto.DURABILITY_FSYNC,
  majority: DurabilityProto.DURABILITY_MAJORITY,
};

const OUTCOMES: Readonly<Record<AckOutcome, Outcome>> = {
  acknowledged: Outcome.OUTCOME_ACKNOWLEDGED,
  alreadyGone: Outcome.OUTCOME_ALREADY_GONE,
  claimLost: Outcome.OUTCOME_CLAIM_LOST,
};

export function encodeDurability(durability: Durability): DurabilityProto {
  return DURABILITY[durability];
}

/** A moment, exact to the millisecond. */
export function encodeMillis(at: Millis): Timestamp {
  const seconds = Math.floor(at / 1000);
  return { seconds: BigInt(seconds), nanos: Math.round((at - seconds * 1000) * 1e6) };
}

/** A tick: a whole second. */
export function encodeTick(tick: Tick): Timestamp {
  return { seconds: BigInt(tick), nanos: 0 };
}

/** The same bytes as a Buffer, without a copy. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function encodeMessage(message: StoredMessage, now: Millis): Message {
  return {
    id: message.id,
    marker: formatMarker(message.marker),
    body: asBuffer(message.body),
    contentType: message.contentType,
    ttlSeconds: message.ttl,
    ageSeconds: BigInt(ageSeconds(message.postedAt, now)),
    postedAt: encodeMillis(message.postedAt),
    expiresAt: encodeTick(message.expires),
    epoch: BigInt(message.epoch),
    attempt: message.attempt,
  };
}

export function encodeMessages(messages: readonly StoredMessage[], now: Millis): Message[] {
  return messages.map((message) => encodeMessage(message, now));
}

/** The messages of a queue that is followed, each with the position before it. */
export function encodePage({ messages, previous, now }: FollowedPage): FollowedMessage[] {
  return messages.map((message, index) => ({
    message: encodeMessage(message, now),
    prevMarker: formatMarker(messages[index - 1]?.marker ?? previous),
  }));
}

export function encodeClaim(claim: StoredClaim, now: Millis): Claim {
  return {
    id: claim.id,
    ttlSeconds: claim.ttl,
    ageSeconds: BigInt(ageSeconds(claim.since, now)),
    endsAt: encodeTick(claim.ends),
    messages: encodeMessages(claim.messages, now),
  };
}

/** A queue; its metadata only where the request asked for it. */
export function encodeQueue(queue: QueueRecord, detailed: boolean): Queue {
  const metadata = detailed ? asBuffer(queue.metadata) : Buffer.alloc(0);
  return { name: queue.name, metadata, createdAt: encodeMillis(queue.createdAt) };
}

export function encodeStats(stats: QueueStats, now: Millis): GetQueueStatsResponse {
  const { total, claimed, estimated } = stats;
  return {
    total: BigInt(total),
    claimed: BigInt(claimed),
    free: BigInt(total - claimed),
    oldest: encodeMoment(stats.oldest, now),
    newest: encodeMoment(stats.newest, now),
    estimated,
  };
}

function encodeMoment(moment: QueueStats['oldest'], now: Millis): MessageMoment | undefined {
  if (moment === null) return undefined;
  const { id, postedAt } = moment;
  return { id, postedAt: encodeMillis(postedAt), ageSeconds: BigInt(ageSeconds(postedAt, now)) };
}

export function encodeReceipt({ ids, markers, durability, duplicate }: Receipt): PostMessagesResponse {
  return {
    ids: [...ids],
    markers: markers.map(formatMarker),
    durability: encodeDurability(durability),
    duplicate,
  };
}

/** What became of the acknowledgement of each id. */
export function encodeAcknowledgements(ids: readonly string[], outcomes: readonly AckOutcome[]): Acknowledgement[] {
  return ids.map((id, index) => ({ id, outcome: OUTCOMES[outcomes[index] as AckOutcome] }));
}
