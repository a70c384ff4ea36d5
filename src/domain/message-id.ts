/**
 * Message ids: "m", 16 characters of base64url (the 96 random bits of the post), "-", the index in the post. They are
 * made before the commit, so that a retry is recognised, and are never all digits, so that no id reads as a marker.
 */

/** The part of an id that all messages of one post share: 16 characters of base64url. */
export type BatchId = string;

/** An id taken apart. */
export interface MessageIdParts {
  readonly batch: BatchId;
  readonly index: number;
}

const FORM = /^m([A-Za-z0-9_-]{16})-(0|[1-9]\d{0,5})$/;

/** The id of the message at `index` of a post. */
export function formatMessageId(batch: BatchId, index: number): string {
  return `m${batch}-${index}`;
}

/** Takes an id apart; null for a text that is no id, which is then an id that does not exist. */
export function parseMessageId(text: string): MessageIdParts | null {
  const match = FORM.exec(text);
  return match ? { batch: match[1] as string, index: Number(match[2]) } : null;
}
