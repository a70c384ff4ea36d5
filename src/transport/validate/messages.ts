import {
  LEAST_SECONDS,
  MAX_CONTENT_TYPE_LENGTH,
  MAX_MESSAGES_PER_POST,
  MAX_PRODUCER_ID_BYTES,
  type Limits,
} from '../../config/limits.js';
import type { ClientId } from '../../domain/client-id.js';
import { parsePosition } from '../../domain/marker.js';
import type { MessageListing, NewMessage, Post, PostKey } from '../../engine/api.js';
import type {
  ListMessagesRequest,
  NewMessage as NewMessageProto,
  PopMessagesRequest,
  PostMessagesRequest,
} from '../../gen/marconi/v1/messages.js';
import { checkSeconds, readLimit } from './common.js';
import { checkJsonBody, isJsonType } from './json.js';
import { shown, Violations } from './violations.js';

const MEDIA_TYPE = /^[ -~]*$/;

/**
 * Checks a post: number and size of messages, ttl, media type and producer key (INVALID_REQUEST, all violations at
 * once), then each JSON body (INVALID_BODY, the first that is unsound).
 */
export function readPost(request: PostMessagesRequest, poster: ClientId | null, limits: Limits): Post {
  const violations = new Violations();
  checkCount(request.messages.length, violations);
  checkSize(request.messages, limits, violations);
  const key = readProducerKey(request, violations);
  // What is already too large is not looked at message by message.
  violations.check();
  const messages = request.messages.map((message, index) => readMessage(message, index, limits, violations));
  violations.check();
  messages.forEach(({ body, contentType }, index) => {
    if (contentType === '') checkJsonBody(`messages[${index}].body`, body, limits.maxJsonDepth);
  });
  return { poster, messages, key };
}

function checkCount(count: number, violations: Violations): void {
  if (count >= 1 && count <= MAX_MESSAGES_PER_POST) return;
  violations.add('messages', `expected 1 to ${MAX_MESSAGES_PER_POST} messages; came ${count}`);
}

function checkSize(messages: readonly NewMessageProto[], { maxMessageSize }: Limits, violations: Violations): void {
  let bytes = 0;
  for (const message of messages) bytes += message.body.length;
  if (bytes <= maxMessageSize) return;
  violations.add('messages', `expected at most ${maxMessageSize} bytes of bodies in all; came ${bytes}`);
}

/** `application/json` in all its spellings is kept as the empty type, which means it. */
function readMessage(message: NewMessageProto, index: number, limits: Limits, violations: Violations): NewMessage {
  const { body, contentType, ttlSeconds } = message;
  checkSeconds(`messages[${index}].ttl_seconds`, ttlSeconds, [LEAST_SECONDS, limits.maxMessageTtl], violations);
  if (contentType.length > MAX_CONTENT_TYPE_LENGTH || !MEDIA_TYPE.test(contentType)) {
    const expected = `at most ${MAX_CONTENT_TYPE_LENGTH} printable ASCII characters`;
    violations.add(`messages[${index}].content_type`, `expected ${expected}; came ${shown(contentType)}`);
  }
  return { body, contentType: isJsonType(contentType) ? '' : contentType, ttl: ttlSeconds };
}

function readProducerKey(request: PostMessagesRequest, violations: Violations): PostKey | null {
  const { producerId: producer, producerSequence: sequence } = request;
  if (producer === undefined && sequence === undefined) return null;
  const bytes = Buffer.byteLength(producer ?? '');
  if (bytes < 1 || bytes > MAX_PRODUCER_ID_BYTES) {
    violations.add('producer_id', `expected 1 to ${MAX_PRODUCER_ID_BYTES} bytes; came ${bytes}`);
  }
  if (sequence === undefined) violations.add('producer_sequence', 'expected a number beside producer_id; it is absent');
  return { producer: producer ?? '', sequence: sequence ?? 0n };
}

/** Throws INVALID_REQUEST. A marker that is neither number nor id is a place where nothing follows, not an error. */
export function readListing(request: ListMessagesRequest, caller: ClientId | null, limits: Limits): MessageListing {
  const violations = new Violations();
  const limit = readLimit(request.limit, limits.maxMessagesPerPage, violations);
  violations.check();
  const { echo, includeClaimed } = request;
  return { position: parsePosition(request.marker), limit, caller, echo, includeClaimed };
}

/** How many to pop: bounded as a claim is (semantics section 10). Throws INVALID_REQUEST. */
export function readPopLimit(request: PopMessagesRequest, limits: Limits): number {
  const violations = new Violations();
  const limit = readLimit(request.limit, limits.maxMessagesPerClaim, violations);
  violations.check();
  return limit;
}
