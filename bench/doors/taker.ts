import type { Acknowledgement } from '../../src/gen/marconi/v1/claims.js';
import type { Message } from '../../src/gen/marconi/v1/messages.js';
import type { LoadOrder } from './order.js';

/** What whoever takes messages tells. */
export interface TakerEvents {
  /** Messages have come; each is acknowledged by then. */
  took(messages: readonly Message[]): void;
  settled(acknowledgements: readonly Acknowledgement[]): void;
}

/** One who takes the messages of a queue as they come and acknowledges them at once. */
export interface Taker {
  close(): Promise<void>;
}

/** Begins to take; credit is no bound. */
export type OpenTaker = (order: LoadOrder, events: TakerEvents) => Promise<Taker>;

/** Seconds that a claim lives. */
export const CLAIM_TTL = 300;

/** Messages of one claim at the most. */
export const CLAIM_MESSAGES = 20;
