import { expect } from 'expect';
import type { Position } from '../domain/marker.js';
import { formatMessageId } from '../domain/message-id.js';
import type { Millis } from '../domain/time.js';
import type {
  ClaimNextOp,
  MessageOp,
  MessageOutcome,
  MessagePageQuery,
  MessageOutcomes,
  NewMessage,
  OutcomeOf,
  PopNextOp,
  PostOp,
  QueueRef,
  Storage,
  StoredClaim,
  StoredMessage,
} from '../storage/ports/index.js';
import { freshBatch, freshClaim } from './fresh.js';

/** Enough bytes for any page of these tests. */
export const PLENTY = 1_000_000;

/** From the beginning of a queue. */
export const START: Position = { kind: 'after', marker: 0 };

type Posted = Extract<MessageOutcomes['post'], { kind: 'posted' }>;

/** An answer of the kind that the test needs to go on; any other fails it here, with the answer shown. */
export function expectKind<T extends { readonly kind: string }, K extends T['kind']>(
  answer: T,
  kind: K,
): Extract<T, { kind: K }> {
  expect(answer).toMatchObject({ kind });
  return answer as Extract<T, { kind: K }>;
}

/** What a queue under test needs of its surroundings: the storage, the time and the steps. */
export interface StepKit {
  readonly storage: Storage;
  readonly now: Millis;
  apply<Op extends MessageOp>(op: Op): Promise<OutcomeOf<Op>>;
  applyAll(ops: readonly MessageOp[]): Promise<readonly MessageOutcome[]>;
}

/** One queue of a storage under test: each method is one step or read at the kit's time. */
export class QueueKit {
  constructor(
    readonly kit: StepKit,
    readonly ref: QueueRef,
  ) {}

  /** The step that posts so many messages with numbered bodies and a ttl of 120, unless told otherwise. */
  postOp(messages: number | readonly Partial<NewMessage>[], more: Partial<PostOp> = {}): PostOp {
    const given = typeof messages === 'number' ? Array.from({ length: messages }, () => ({})) : messages;
    const full = given.map((message, index) => ({
      body: Buffer.from(`{"n": ${index}}`),
      contentType: '',
      ttl: 120,
      ...message,
    }));
    const op: PostOp = { kind: 'post', queue: this.ref, batch: freshBatch(), poster: null, messages: full, key: null };
    return { ...op, ...more };
  }

  /** Posts and gives the receipt. */
  async receipt(messages: number | readonly Partial<NewMessage>[], more: Partial<PostOp> = {}): Promise<Posted> {
    return expectKind(await this.kit.apply(this.postOp(messages, more)), 'posted');
  }

  /** Posts and gives the ids. */
  async post(messages: number | readonly Partial<NewMessage>[], more: Partial<PostOp> = {}): Promise<string[]> {
    const { batch, count } = await this.receipt(messages, more);
    return Array.from({ length: count }, (_, index) => formatMessageId(batch, index));
  }

  /** Posts one message and gives its id. */
  async postOne(message: Partial<NewMessage> = {}, more: Partial<PostOp> = {}): Promise<string> {
    const [id] = await this.post([message], more);
    return id!;
  }

  /** The step that claims, for 60 seconds and 60 grace unless told otherwise. */
  claimOp(more: Partial<ClaimNextOp> = {}): ClaimNextOp {
    const usual = { ttl: 60, grace: 60, limit: 10, maxBytes: PLENTY };
    return { kind: 'claimNext', queue: this.ref, claim: freshClaim(), ...usual, ...more };
  }

  /** Claims; fails the test when nothing is claimable. */
  async claim(more: Partial<ClaimNextOp> = {}): Promise<StoredClaim> {
    return expectKind(await this.kit.apply(this.claimOp(more)), 'claimed').claim;
  }

  /** Claims; null when nothing is claimable. */
  async tryClaim(more: Partial<ClaimNextOp> = {}): Promise<StoredClaim | null> {
    const outcome = await this.kit.apply(this.claimOp(more));
    return outcome.kind === 'claimed' ? outcome.claim : null;
  }

  async renew(claim: string, ttl = 60, grace = 0) {
    return this.kit.apply({ kind: 'renewIfLive', queue: this.ref, claim, ttl, grace });
  }

  /** Releases and gives the number of messages that came free. */
  async release(claim: string): Promise<number> {
    const outcome = await this.kit.apply({ kind: 'releaseIfLive', queue: this.ref, claim });
    return expectKind(outcome, 'released').count;
  }

  /** Deletes one message and gives what became of it. */
  async delete(id: string, claim: string | null = null): Promise<string> {
    return (await this.kit.apply({ kind: 'deleteIfAllowed', queue: this.ref, id, claim })).kind;
  }

  /** Deletes messages whoever holds them and gives how many there were. */
  async deleteAll(ids: readonly string[]): Promise<number> {
    return expectKind(await this.kit.apply({ kind: 'deleteAll', queue: this.ref, ids }), 'deleted').count;
  }

  async acknowledge(claim: string, ids: readonly string[]): Promise<readonly string[]> {
    const outcome = await this.kit.apply({ kind: 'acknowledgeIfHolder', queue: this.ref, claim, ids });
    return expectKind(outcome, 'acknowledged').outcomes;
  }

  async pop(limit: number, more: Partial<PopNextOp> = {}): Promise<readonly StoredMessage[]> {
    const outcome = await this.kit.apply({ kind: 'popNext', queue: this.ref, limit, maxBytes: PLENTY, ...more });
    return outcome.kind === 'popped' ? outcome.messages : [];
  }

  /** A page of up to 100 messages, of all posters, without claimed ones, unless told otherwise. */
  async list(more: Partial<MessagePageQuery> = {}): Promise<readonly StoredMessage[]> {
    const usual = { position: START, limit: 100, without: null, includeClaimed: false, maxBytes: PLENTY };
    const page = await this.kit.storage.messages.list({ queue: this.ref, now: this.kit.now, ...usual, ...more });
    return expectKind(page, 'page').messages;
  }

  /** The ids of such a page. */
  async ids(more: Partial<MessagePageQuery> = {}): Promise<string[]> {
    return (await this.list(more)).map(({ id }) => id);
  }

  async getMany(ids: readonly string[], maxBytes = PLENTY) {
    return expectKind(await this.kit.storage.messages.getMany(this.ref, ids, maxBytes, this.kit.now), 'found');
  }

  /** The message of that id; undefined when there is none. */
  async get(id: string): Promise<StoredMessage | undefined> {
    return (await this.getMany([id])).messages[0];
  }

  async getClaim(claim: string, maxBytes = PLENTY) {
    return this.kit.storage.messages.getClaim(this.ref, claim, maxBytes, this.kit.now);
  }

  async stats() {
    return expectKind(await this.kit.storage.messages.stats(this.ref, this.kit.now), 'stats');
  }

  /** [claimed, free, total], as the statistics have it. */
  async counts(): Promise<[number, number, number]> {
    const { claimed, total } = await this.stats();
    return [claimed, total - claimed, total];
  }
}
