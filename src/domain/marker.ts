import { parseMessageId } from './message-id.js';

/** A position in a queue as a number: above 0, below 2^53, rising with each message, not dense. */
export type Marker = number;

/** Where a reader goes on: after a number, after a message of the queue, or nowhere (a text that is neither). */
export type Position =
  | { readonly kind: 'after'; readonly marker: Marker }
  | { readonly kind: 'afterMessage'; readonly id: string }
  | { readonly kind: 'nowhere' };

/** Reads a marker as clients send it: empty for the start, decimal digits, or a message id (spec rest-v1 2.11). */
export function parsePosition(text: string): Position {
  if (text === '') return { kind: 'after', marker: 0 };
  if (/^\d{1,16}$/.test(text)) {
    const marker = Number(text);
    return marker <= Number.MAX_SAFE_INTEGER ? { kind: 'after', marker } : { kind: 'nowhere' };
  }
  return parseMessageId(text) ? { kind: 'afterMessage', id: text } : { kind: 'nowhere' };
}

/** The marker as clients see it: decimal digits. */
export function formatMarker(marker: Marker): string {
  return String(marker);
}
