import type { Reason } from '../../../src/errors/reasons.js';

/** The columns of the matrix. PULL is the ZeroMQ door whose posts go over PUSH and PULL. */
export const DOORS = ['REST', 'gRPC', 'gRPC streams', 'ZeroMQ', 'ZeroMQ PULL'] as const;

/** The name of a door. */
export type DoorName = (typeof DOORS)[number];

/** Who calls. Null: the global project; no client id. */
export interface Caller {
  readonly project: string | null;
  readonly client: string | null;
}

/** A message to post. */
export interface Posted {
  readonly body: Buffer;
  readonly ttl: number;
  /** Absent: JSON. */
  readonly contentType?: string;
}

/** Names a post that may be repeated; one half may be absent, as nothing keeps a client from that. */
export interface PostKey {
  readonly producer?: string;
  readonly sequence?: bigint;
}

/** The receipt of a post. */
export interface Receipt {
  readonly ids: readonly string[];
  readonly markers: readonly string[];
  readonly durability: string;
  readonly duplicate: boolean;
}

/** A message as a door shows it. */
export interface Shown {
  readonly id: string;
  readonly body: Buffer;
  readonly ttl: number;
  readonly age: number;
  readonly contentType: string;
  readonly marker: string;
  readonly epoch: bigint;
  readonly attempt: number;
}

/** A page of messages. */
export interface Page {
  readonly messages: readonly Shown[];
  readonly next: string;
}

/** What to list. */
export interface Listing {
  readonly marker?: string;
  readonly limit?: number;
  readonly echo?: boolean;
  readonly includeClaimed?: boolean;
}

/** What to claim. */
export interface Claiming {
  readonly ttl?: number;
  readonly grace?: number;
  readonly limit?: number;
  /** Seconds. */
  readonly wait?: number;
  /** Milliseconds after which the client does not wait any more. */
  readonly deadlineMs?: number;
}

/** A claim that was made. */
export interface Claimed {
  readonly id: string;
  readonly messages: readonly Shown[];
}

/** A claim that was looked at. */
export interface ClaimShown extends Claimed {
  readonly ttl: number;
  readonly age: number;
}

/** What became of an acknowledgement. */
export type Outcome = 'ACKNOWLEDGED' | 'ALREADY_GONE' | 'CLAIM_LOST';

/** A queue's numbers. */
export interface Stats {
  readonly total: number;
  readonly claimed: number;
  readonly free: number;
  readonly oldest: string | null;
  readonly newest: string | null;
}

/** A queue as it is listed. */
export interface QueueShown {
  readonly name: string;
  /** Null unless it was asked for. */
  readonly metadata: string | null;
}

/**
 * What every door can be asked, in words of no door. Rejects with DoorRefusal where the door refuses, and with Unsayable
 * where it has no words for what is asked; a fact that it does not show throws Unsayable when it is looked at.
 */
export interface Door {
  readonly name: DoorName;
  /** The same door for another caller. */
  as(caller: Partial<Caller>): Door;

  createQueue(queue: string): Promise<{ readonly created: boolean }>;
  getQueue(queue: string): Promise<void>;
  listQueues(page?: { marker?: string; limit?: number; detailed?: boolean }): Promise<readonly QueueShown[]>;
  setMetadata(queue: string, metadata: Buffer): Promise<void>;
  getMetadata(queue: string): Promise<Buffer>;
  stats(queue: string): Promise<Stats>;
  deleteQueue(queue: string): Promise<{ readonly deleted: boolean }>;

  post(queue: string, messages: readonly Posted[], key?: PostKey): Promise<Receipt>;
  list(queue: string, listing?: Listing): Promise<Page>;
  get(queue: string, id: string): Promise<Shown>;
  getMany(queue: string, ids: readonly string[]): Promise<readonly Shown[]>;
  remove(queue: string, id: string, claim?: string): Promise<{ readonly deleted: boolean }>;
  removeMany(queue: string, ids: readonly string[]): Promise<{ readonly deleted: number }>;
  pop(queue: string, limit?: number): Promise<readonly Shown[]>;

  claim(queue: string, claiming?: Claiming): Promise<Claimed | null>;
  getClaim(queue: string, claim: string): Promise<ClaimShown>;
  renew(queue: string, claim: string, spans: { ttl: number; grace?: number }): Promise<void>;
  release(queue: string, claim: string): Promise<{ readonly released: number }>;
  acknowledge(queue: string, claim: string, ids: readonly string[]): Promise<readonly Outcome[]>;

  /** Lets go of what this caller holds open. */
  close(): void;
}

/** Claims are made with these unless a case says otherwise. */
export const CLAIM_SPANS = { ttl: 300, grace: 60 };

/** A refusal in words of no door. */
export class DoorRefusal extends Error {
  constructor(
    readonly reason: Reason | '',
    /** The fields that are wrong, as the contract names them; "project" for any metadata that names it. */
    readonly fields: readonly string[],
    message: string,
    /** True when a time to try again was given. */
    readonly hinted = false,
  ) {
    super(`${reason}: ${message}`);
  }
}

/** What a door has no words for. */
export class Unsayable extends Error {
  constructor(readonly what: string) {
    super(`This door cannot say: ${what}.`);
  }
}

/** Adds facts that throw Unsayable when they are looked at. */
export function withUnsayable<T extends object, K extends string>(facts: T, names: readonly K[]): T & Record<K, never> {
  for (const name of names) {
    const get = (): never => {
      throw new Unsayable(name);
    };
    Object.defineProperty(facts, name, { get, enumerable: false });
  }
  return facts as T & Record<K, never>;
}

/** The reasons of all refusals that were asked for. */
export const provoked = new Set<string>();

/** The refusal that a call ends with; fails when it succeeds. */
export async function refusal(call: Promise<unknown>): Promise<{ reason: string; fields: readonly string[] }> {
  const outcome = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (outcome === null) throw new DoorRefusal('', [], 'nothing was refused');
  if (!(outcome instanceof DoorRefusal)) throw outcome as Error;
  const { reason, fields } = outcome;
  provoked.add(reason);
  return { reason, fields };
}
