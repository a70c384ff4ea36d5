import { LEAST_SECONDS, MAX_MESSAGES_PER_POST, type Limits } from '../../../src/config/limits.js';
import type { NewMessage } from '../../../src/gen/marconi/v1/messages.js';
import { kindOf, sliceArray, sliceObject } from '../../../src/json/slice.js';
import { Problem } from '../../http/problem.js';
import { checkDocument, readSeconds, type SecondsRule } from './json.js';

/**
 * The messages of a post: an array of one or more objects, each with `ttl` and `body` (spec rest-v1 2.10). A body is its
 * own slice of the request. One bad message refuses all.
 */
export function readPost(body: Buffer, limits: Limits): NewMessage[] {
  checkDocument(body, 'array', limits.maxJsonDepth, 'INVALID_BODY');
  const elements = sliceArray(body);
  if (elements.length === 0) throw new Problem('invalidBody', 'The array must hold at least one message.');
  if (elements.length > MAX_MESSAGES_PER_POST) {
    throw new Problem('invalidRequest', `One request can post at most ${MAX_MESSAGES_PER_POST} messages.`);
  }
  const ttl: SecondsRule = { name: 'ttl', least: LEAST_SECONDS, most: limits.maxMessageTtl };
  return elements.map((element, index) => readMessage(element, index, ttl));
}

function readMessage(element: Uint8Array, index: number, rule: SecondsRule): NewMessage {
  const where = `Message ${index}: `;
  if (kindOf(element) !== 'object') throw new Problem('invalidBody', `${where}must be a JSON object.`);
  const members = sliceObject(element, ['ttl', 'body']);
  const ttlSeconds = readSeconds(members.get('ttl'), rule, where);
  const body = members.get('body');
  if (body === undefined) throw new Problem('invalidBody', `${where}"body" is required.`);
  return { body: Buffer.from(body.buffer, body.byteOffset, body.length), contentType: '', ttlSeconds };
}
