import type { Claim } from '../../../src/gen/marconi/v1/claims.js';
import { claimPath } from './links.js';
import { addMessages, join, type Parts } from './messages.js';

/** A claim with the messages still under it (spec rest-v1 2.17). */
export function claimDocument(queue: string, { id, ttlSeconds, ageSeconds, messages }: Claim): Buffer {
  const head = `{"ttl":${ttlSeconds},"age":${ageSeconds},"href":"${claimPath(queue, id)}","messages":[`;
  const parts: Parts = [Buffer.from(head)];
  addMessages(parts, queue, messages, id);
  parts.push(Buffer.from(']}'));
  return join(parts);
}
