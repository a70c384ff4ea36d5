import type { ClientId } from '../../domain/client-id.js';
import type { HoldState } from '../../domain/life.js';
import type { Marker } from '../../domain/marker.js';
import type { Project } from '../../domain/principal.js';
import type { Millis, Tick } from '../../domain/time.js';
import type { StoredMessage } from './message-ops.js';
import type { QueueRecord } from './queue.js';

/** Where a listing of all queues goes on: after this one, in the storage's own order of them. */
export interface QueueCursor {
  readonly project: Project;
  readonly name: string;
}

/** A queue with what its incarnation keeps beside its messages. */
export interface WholeQueue extends QueueRecord {
  /** The marker that the next message gets: above every marker ever given in this incarnation (F5). */
  readonly nextMarker: Marker;
}

/** A claim as each message under it keeps it. */
export interface WholeHold {
  readonly claim: string;
  /** Seconds. */
  readonly ttl: number;
  readonly since: Millis;
}

/** A message with all that the store keeps of it. */
export interface WholeMessage extends StoredMessage {
  readonly poster: ClientId | null;
  readonly state: HoldState;
  /** The tick at which the state ends; 0 when free. */
  readonly due: Tick;
  /** The claim that holds it; null when free. */
  readonly hold: WholeHold | null;
}

/** A producer record with the receipt that it keeps. */
export interface WholeKey {
  readonly producer: string;
  /** Decimal digits. */
  readonly sequence: string;
  readonly fingerprint: string;
  readonly batch: string;
  readonly first: Marker;
  readonly count: number;
  /** The tick from which the key may be used anew. */
  readonly until: Tick;
}

/**
 * Milliseconds for which no server takes the unnamed incarnation of a copy for an orphan: `putQueue` dates its
 * `OpenQueue.openedAt` so far ahead.
 */
export const UNNAMED_COPY_MS = 7 * 86_400_000;

/**
 * Moves a whole storage into another one, as it stands: ids, markers, claims and epochs are kept. Meant for storages
 * that nothing else writes to meanwhile. Every write may be repeated: what is there already is left as it is, so that
 * an interrupted copy goes on where it was. Reads leave out messages, records and incarnations that are expired, over or
 * fenced at `now`, and show a message whose hold has ended as free.
 */
export interface Transfer {
  /** All queues of all projects, each once, in an order of the storage's own. */
  queues(after: QueueCursor | null, limit: number): Promise<readonly WholeQueue[]>;

  /** Messages of an incarnation in marker order, at most so many and so many bytes of bodies, and always one. */
  messages(uid: string, after: Marker, limit: number, maxBytes: number, now: Millis): Promise<readonly WholeMessage[]>;

  /** Producer records of an incarnation after the given one, in an order of the storage's own. */
  keys(uid: string, after: WholeKey | null, limit: number, now: Millis): Promise<readonly WholeKey[]>;

  /** Opens the incarnation, not yet named, or finds it open; rejects with STORAGE_UNAVAILABLE when it is fenced. */
  putQueue(queue: WholeQueue): Promise<void>;

  /**
   * Stores the messages, given in marker order, of an opened incarnation, durably. When it is cut short, those that are
   * stored are the first of them: an interrupted copy goes on after the newest.
   */
  putMessages(uid: string, messages: readonly WholeMessage[]): Promise<void>;

  /** Stores producer records of an opened incarnation, durably. */
  putKeys(uid: string, keys: readonly WholeKey[]): Promise<void>;

  /**
   * Names the incarnation, as the last step of its copy: until then nobody finds it. False, and nothing is changed,
   * when the name belongs to another incarnation; a queue that has the name already keeps its metadata.
   */
  nameQueue(queue: WholeQueue): Promise<boolean>;
}
