import type { Limits } from '../../../src/config/limits.js';
import { MessageServiceService, type Message } from '../../../src/gen/marconi/v1/messages.js';
import type { CoreClient } from '../../core/client.js';
import { NO_CONTENT, type Answer } from '../../http/answer.js';
import { queueOf, type Exchange } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import { requireClientId } from '../../middleware/client-id.js';
import { readBody } from '../../middleware/read-body.js';
import { messagePath, messagesPath, nextLink } from '../../present/v1/links.js';
import { addMessage, join, messageArray, messagePage, type Parts } from '../../present/v1/messages.js';
import { readProducerKey } from '../../read/v1/idempotency.js';
import { readPost } from '../../read/v1/messages.js';
import type { Resource } from '../resource.js';

/** Messages (spec rest-v1 2.10 to 2.15). */
export function messageRoutes(core: CoreClient, limits: Limits): Resource[] {
  return [
    {
      path: '/v1/queues/:queue_name/messages',
      methods: {
        GET: { name: 'list-messages', run: (exchange) => listOrGetMany(exchange, core, limits) },
        POST: { name: 'post-messages', intake: true, run: (exchange) => post(exchange, core, limits) },
        DELETE: { name: 'delete-messages', run: (exchange) => deleteMany(exchange, core, limits) },
      },
    },
    {
      path: '/v1/queues/:queue_name/messages/:message_id',
      methods: {
        GET: { name: 'get-message', run: (exchange) => getOne(exchange, core) },
        DELETE: { name: 'delete-message', run: (exchange) => deleteOne(exchange, core) },
      },
    },
  ];
}

const messageId = (exchange: Exchange): string => exchange.params['message_id'] ?? '';

/** Bytes of a Location header: a client that is told more than its parser takes would lose the answer. */
const MAX_LOCATION = 8 * 1024;

async function post(exchange: Exchange, core: CoreClient, limits: Limits): Promise<Answer> {
  requireClientId(exchange);
  const key = readProducerKey(exchange);
  const queue = queueOf(exchange);
  const messages = readPost(await readBody(exchange.request, limits.maxMessageSize), limits);
  const receipt = await core.call(MessageServiceService.postMessages, { queue, messages, ...key }, exchange);
  const replayed = receipt.duplicate ? { 'Idempotent-Replayed': 'true' } : {};
  const resources = receipt.ids.map((id) => `"${messagePath(queue, id)}"`).join(',');
  return {
    status: 201,
    headers: { Location: idsLocation(queue, receipt.ids), ...replayed },
    body: `{"resources":[${resources}],"partial":false}`,
  };
}

/** All ids in the order of the request, or as many of the first as fit. */
function idsLocation(queue: string, ids: readonly string[]): string {
  const location = `${messagesPath(queue)}?ids=${ids.join(',')}`;
  return location.length <= MAX_LOCATION ? location : location.slice(0, location.lastIndexOf(',', MAX_LOCATION));
}

function listOrGetMany(exchange: Exchange, core: CoreClient, limits: Limits): Promise<Answer> {
  const ids = exchange.query.list('ids');
  return ids.length > 0 ? getMany(exchange, core, limits, ids) : list(exchange, core, limits);
}

async function list(exchange: Exchange, core: CoreClient, limits: Limits): Promise<Answer> {
  requireClientId(exchange);
  const { query, target } = exchange;
  const queue = queueOf(exchange);
  const limit = query.integer('limit', 1, limits.maxMessagesPerPage);
  const echo = query.boolean('echo');
  const claimed = query.boolean('include_claimed');
  const marker = query.text('marker') ?? '';
  const request = { queue, marker, limit, echo: echo ?? false, includeClaimed: claimed ?? false };
  const page = await core.call(MessageServiceService.listMessages, request, exchange);
  const headers = { 'Content-Location': target };
  if (page.messages.length === 0) return { status: 204, headers };
  const links = nextLink(messagesPath(queue), page.nextMarker, { limit, echo, include_claimed: claimed });
  return { status: 200, headers, body: messagePage(queue, page.messages, links) };
}

function checkCount(ids: readonly string[], limits: Limits): void {
  if (ids.length <= limits.maxMessagesPerPage) return;
  throw new Problem('invalidRequest', `"ids" must name at most ${limits.maxMessagesPerPage} messages.`);
}

async function getMany(exchange: Exchange, core: CoreClient, limits: Limits, ids: string[]): Promise<Answer> {
  checkCount(ids, limits);
  const queue = queueOf(exchange);
  const found = await collect(exchange, core, queue, ids);
  const headers = { 'Content-Location': exchange.target };
  if (found.length === 0) return { status: 204, headers };
  return { status: 200, headers, body: messageArray(queue, found) };
}

/** Asks again for what did not fit in one answer of the core; each round brings one message at the least. */
async function collect(exchange: Exchange, core: CoreClient, queue: string, ids: string[]): Promise<Message[]> {
  const found: Message[] = [];
  let missing = ids;
  for (let round = 0; round < ids.length && missing.length > 0; round++) {
    const answer = await core.call(MessageServiceService.getMessages, { queue, ids: missing }, exchange);
    found.push(...answer.messages);
    missing = answer.omittedIds;
  }
  return found;
}

async function getOne(exchange: Exchange, core: CoreClient): Promise<Answer> {
  const queue = queueOf(exchange);
  const request = { queue, id: messageId(exchange) };
  const { message } = await core.call(MessageServiceService.getMessage, request, exchange);
  if (message === undefined)
    throw new Problem('notFound', 'There is no such message.', { reason: 'MESSAGE_NOT_FOUND' });
  const parts: Parts = [];
  addMessage(parts, queue, message);
  return { status: 200, headers: { 'Content-Location': exchange.target }, body: join(parts) };
}

async function deleteOne(exchange: Exchange, core: CoreClient): Promise<Answer> {
  const claimId = exchange.query.text('claim_id');
  const request = { queue: queueOf(exchange), id: messageId(exchange), claimId };
  await core.call(MessageServiceService.deleteMessage, request, exchange);
  return NO_CONTENT;
}

async function deleteMany(exchange: Exchange, core: CoreClient, limits: Limits): Promise<Answer> {
  const ids = exchange.query.list('ids');
  if (ids.length === 0) throw new Problem('invalidParameter', '"ids" is required: the messages to delete.');
  checkCount(ids, limits);
  await core.call(MessageServiceService.deleteMessages, { queue: queueOf(exchange), ids }, exchange);
  return NO_CONTENT;
}
