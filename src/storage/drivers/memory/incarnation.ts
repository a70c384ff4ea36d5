import type { ClientId } from '../../../domain/client-id.js';
import { isClaimable, isClaimed, isVisible, type Life } from '../../../domain/life.js';
import type { Marker, Position } from '../../../domain/marker.js';
import type { BatchId } from '../../../domain/message-id.js';
import type { Millis, Tick } from '../../../domain/time.js';
import type { ProducerKey, StoredClaim, StoredMessage } from '../../ports/index.js';

/** A message as it is kept. */
export interface KeptMessage extends Life {
  readonly id: string;
  readonly marker: Marker;
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly postedAt: Millis;
  readonly poster: ClientId | null;
  readonly epoch: number;
  readonly attempt: number;
  /** The claim that last took it; it holds the message only while that claim lives. */
  readonly claim: string | null;
}

/** A claim as it is kept; its messages are those that name it. */
export type KeptClaim = Omit<StoredClaim, 'messages'>;

/** What a post with a key came to. */
export interface KeyRecord {
  readonly fingerprint: string;
  readonly batch: BatchId;
  readonly first: Marker;
  readonly count: number;
  /** The tick from which the key may be used anew. */
  readonly until: Tick;
}

/** All that one incarnation of a queue holds, and the questions that time answers about it. */
export class Incarnation {
  /** In marker order: a map keeps the order of insertion, and a message never moves. */
  readonly messages = new Map<string, KeptMessage>();
  readonly claims = new Map<string, KeptClaim>();
  readonly keys = new Map<string, KeyRecord>();
  nextMarker: Marker = 1;

  constructor(readonly openedAt: Millis) {}

  /** The message of that id, unless its life is over (semantics section 4). */
  visible(id: string, now: Millis): KeptMessage | null {
    const message = this.messages.get(id);
    return message && isVisible(message, now) ? message : null;
  }

  /** Every message that is visible, in marker order. */
  *allVisible(now: Millis): Generator<KeptMessage> {
    for (const message of this.messages.values()) if (isVisible(message, now)) yield message;
  }

  /** Every message that may be claimed, in marker order (C1, C2). */
  *allClaimable(now: Millis): Generator<KeptMessage> {
    for (const message of this.messages.values()) if (isClaimable(message, now)) yield message;
  }

  /** The live claim that holds the message; null when none does. */
  holder(message: KeptMessage, now: Millis): string | null {
    return isClaimed(message, now) ? message.claim : null;
  }

  /** The messages that the live claim of that id holds; none when it does not live (C5, C9). */
  heldBy(claim: string, now: Millis): readonly KeptMessage[] {
    if (!this.claims.has(claim)) return [];
    return [...this.allVisible(now)].filter((message) => this.holder(message, now) === claim);
  }

  /** The first tick at which a held message comes free; null when none is held. */
  nextRelease(now: Millis): Tick | null {
    const held = [...this.allVisible(now)].filter((message) => isClaimed(message, now));
    return held.reduce<Tick | null>((least, { due }) => (least === null || due < least ? due : least), null);
  }

  /** The marker to go on after; null when nothing is to be listed (semantics section 3). */
  resolve(position: Position, now: Millis): Marker | null {
    if (position.kind === 'after') return position.marker;
    if (position.kind === 'afterMessage') return this.visible(position.id, now)?.marker ?? null;
    return null;
  }
}

/** The key of a post as the map of keys has it. */
export function keyText({ producer, sequence }: Pick<ProducerKey, 'producer' | 'sequence'>): string {
  return JSON.stringify([producer, sequence]);
}

/** The part of a kept message that the store shows. */
export function show(message: KeptMessage): StoredMessage {
  const { id, marker, body, contentType, ttl, postedAt, expires, epoch, attempt } = message;
  return { id, marker, body, contentType, ttl, postedAt, expires, epoch, attempt };
}

/** The first of the messages, in order: at most `limit`, at most `maxBytes` of bodies, and one in any case. */
export function takeFitting(messages: Iterable<KeptMessage>, limit: number, maxBytes: number): readonly KeptMessage[] {
  const taken: KeptMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    bytes += message.body.length;
    if (taken.length >= limit || (taken.length > 0 && bytes > maxBytes)) break;
    taken.push(message);
  }
  return taken;
}
