import type { Removal } from '../history/index.js';

/** A message as a door shows it. */
export interface DoorMessage {
  readonly id: string;
  /** The JSON text of the body. */
  readonly body: string;
  /** Only gRPC shows these two. */
  readonly epoch?: number;
  readonly marker?: number;
}

/** A claim that was made. */
export interface DoorClaim {
  readonly id: string;
  readonly messages: readonly DoorMessage[];
  /** Milliseconds that it may have lived already, where it was not made for the call. */
  readonly mayBeOld?: number;
}

/** Names a post that may be repeated. */
export interface DoorKey {
  readonly producer: string;
  readonly sequence: number;
}

/** What load and fault tests do at a door; the same for each, so that one scenario runs on all. */
export interface DoorClient {
  readonly door: 'grpc' | 'rest' | 'zmq';
  createQueue(queue: string): Promise<void>;
  /** Posts JSON texts and gives the messages' ids. */
  post(queue: string, bodies: readonly string[], key?: DoorKey): Promise<readonly string[]>;
  claim(queue: string, limit: number, ttl: number): Promise<DoorClaim | null>;
  /** Deletes messages under a claim, and tells what became of each. */
  remove(queue: string, ids: readonly string[], claim: string): Promise<readonly Removal[]>;
  release(queue: string, claim: string): Promise<void>;
  /** False when the claim did not live. */
  renew(queue: string, claim: string, ttl: number): Promise<boolean>;
  /** A page of all messages, claimed and own ones too, after a marker ("" at first), and the marker to go on from. */
  list(queue: string, marker: string, limit: number): Promise<{ messages: readonly DoorMessage[]; next: string }>;
  /** How many messages the queue holds. */
  total(queue: string): Promise<number>;
  /** Resolves when the node says that it is well. */
  health(): Promise<void>;
  close(): void;
}

/** How a call at a door failed. */
export class DoorError extends Error {
  override readonly name = 'DoorError';

  constructor(
    /** The HTTP status, or the name of the gRPC one; "LOST" when the connection broke. */
    readonly status: string,
    /** The reason code; empty where the door does not tell it. */
    readonly reason: string,
    /** True when a time to try again was given. */
    readonly hinted: boolean,
    message: string,
  ) {
    super(`${status} ${reason}: ${message}`);
  }

  /** True when the service said that the thing named is not there. */
  get notFound(): boolean {
    return this.status === 'NOT_FOUND' || this.status === '404';
  }
}

/** False for an error that says that the thing named is not there; all else is thrown again. */
export function unlessNotFound(error: unknown): false {
  if (error instanceof DoorError && error.notFound) return false;
  throw error;
}
