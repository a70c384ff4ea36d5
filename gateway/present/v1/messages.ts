import type { Message } from '../../../src/gen/marconi/v1/messages.js';
import { claimedPath, messagePath } from './links.js';

/**
 * Documents are put together around the bodies' own bytes: no body is parsed or written anew, so that it comes back as
 * it was posted.
 */
export type Parts = Buffer[];

const CLOSE = Buffer.from('}');
const COMMA = Buffer.from(',');

/** The document as one piece. */
export function join(parts: Parts): Buffer {
  return Buffer.concat(parts);
}

/** Adds a message: exactly href, ttl, age and body (spec rest-v1 2.11); under a claim, the href carries its id. */
export function addMessage(parts: Parts, queue: string, message: Message, claim?: string): void {
  const href = claim === undefined ? messagePath(queue, message.id) : claimedPath(queue, message.id, claim);
  parts.push(
    Buffer.from(`{"href":"${href}","ttl":${message.ttlSeconds},"age":${message.ageSeconds},"body":`),
    bodyJson(message),
    CLOSE,
  );
}

/** Adds messages with commas between them. */
export function addMessages(parts: Parts, queue: string, messages: readonly Message[], claim?: string): void {
  messages.forEach((message, index) => {
    if (index > 0) parts.push(COMMA);
    addMessage(parts, queue, message, claim);
  });
}

/** A bare array of messages. */
export function messageArray(queue: string, messages: readonly Message[], claim?: string): Buffer {
  const parts: Parts = [Buffer.from('[')];
  addMessages(parts, queue, messages, claim);
  parts.push(Buffer.from(']'));
  return join(parts);
}

/** A page of messages with its `next` link. */
export function messagePage(queue: string, messages: readonly Message[], links: string): Buffer {
  const parts: Parts = [Buffer.from('{"messages":[')];
  addMessages(parts, queue, messages);
  parts.push(Buffer.from(`],${links}}`));
  return join(parts);
}

/** JSON as it is; a body of another type, which came through another door, as its type and base64. */
function bodyJson({ body, contentType }: Message): Buffer {
  if (contentType === '') return body;
  return Buffer.from(`{"content_type":${JSON.stringify(contentType)},"base64":"${body.toString('base64')}"}`);
}
