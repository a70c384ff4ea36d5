import type { Limits } from '../../../src/config/limits.js';
import { QueueServiceService } from '../../../src/gen/marconi/v1/queues.js';
import { memberNames } from '../../../src/json/slice.js';
import type { CoreClient } from '../../core/client.js';
import { NO_CONTENT, type Answer } from '../../http/answer.js';
import { queueOf, type Exchange } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import { projectIsTooLong } from '../../middleware/project.js';
import { readBody } from '../../middleware/read-body.js';
import { nextLink, queuePath } from '../../present/v1/links.js';
import { queuePage, statsDocument } from '../../present/v1/queues.js';
import { checkDocument } from '../../read/v1/json.js';
import { absentAsEmpty } from '../absent.js';
import type { Resource } from '../resource.js';

/** Queues, their metadata and their numbers (spec rest-v1 2.3 to 2.9). */
export function queueRoutes(core: CoreClient, limits: Limits): Resource[] {
  return [
    {
      path: '/v1/queues/:queue_name',
      methods: {
        GET: { name: 'get-queue', run: (exchange) => findQueue(exchange, core) },
        HEAD: { name: 'head-queue', run: (exchange) => findQueue(exchange, core) },
        PUT: { name: 'put-queue', intake: true, run: (exchange) => createQueue(exchange, core) },
        DELETE: { name: 'delete-queue', run: (exchange) => deleteQueue(exchange, core) },
      },
    },
    {
      path: '/v1/queues',
      methods: { GET: { name: 'list-queues', run: (exchange) => listQueues(exchange, core, limits) } },
    },
    {
      path: '/v1/queues/:queue_name/metadata',
      methods: {
        GET: { name: 'get-queue-metadata', run: (exchange) => getMetadata(exchange, core) },
        PUT: { name: 'put-queue-metadata', intake: true, run: (exchange) => setMetadata(exchange, core, limits) },
      },
    },
    {
      path: '/v1/queues/:queue_name/stats',
      methods: { GET: { name: 'get-queue-stats', run: (exchange) => getStats(exchange, core) } },
    },
  ];
}

async function createQueue(exchange: Exchange, core: CoreClient): Promise<Answer> {
  const queue = queueOf(exchange);
  const { created } = await core.call(QueueServiceService.createQueue, { queue }, exchange);
  return { status: created ? 201 : 204, headers: { Location: queuePath(queue) } };
}

async function findQueue(exchange: Exchange, core: CoreClient): Promise<Answer> {
  const headers = { 'Content-Location': exchange.path };
  const call = core.call(QueueServiceService.getQueue, { queue: queueOf(exchange) }, exchange);
  return (await absentAsEmpty(call)) === null ? { status: 404, headers } : { status: 204, headers };
}

async function deleteQueue(exchange: Exchange, core: CoreClient): Promise<Answer> {
  await core.call(QueueServiceService.deleteQueue, { queue: queueOf(exchange) }, exchange);
  return NO_CONTENT;
}

async function listQueues(exchange: Exchange, core: CoreClient, limits: Limits): Promise<Answer> {
  const { query } = exchange;
  const limit = query.integer('limit', 1, limits.maxQueuesPerPage);
  const detailed = query.boolean('detailed');
  // A project whose id is too long has no queues: none could be created.
  if (projectIsTooLong(exchange)) return NO_CONTENT;
  const request = { marker: query.text('marker') ?? '', limit, detailed: detailed ?? false };
  const { queues } = await core.call(QueueServiceService.listQueues, request, exchange);
  const last = queues.at(-1);
  if (last === undefined) return NO_CONTENT;
  const links = nextLink('/v1/queues', last.name, { limit, detailed });
  const headers = { 'Content-Location': exchange.target };
  return { status: 200, headers, body: queuePage(queues, request.detailed, links) };
}

async function getMetadata(exchange: Exchange, core: CoreClient): Promise<Answer> {
  const { metadata } = await core.call(QueueServiceService.getQueueMetadata, { queue: queueOf(exchange) }, exchange);
  return { status: 200, headers: { 'Content-Location': exchange.path }, body: metadata };
}

async function setMetadata(exchange: Exchange, core: CoreClient, limits: Limits): Promise<Answer> {
  const queue = queueOf(exchange);
  const metadata = await readBody(exchange.request, limits.maxQueueMetadata);
  checkDocument(metadata, 'object', limits.maxJsonDepth);
  const reserved = memberNames(metadata).find((name) => name.startsWith('_'));
  if (reserved !== undefined) {
    throw new Problem('invalidBody', `Keys that begin with "_" are reserved: ${JSON.stringify(reserved)}.`);
  }
  await core.call(QueueServiceService.setQueueMetadata, { queue, metadata }, exchange);
  return { status: 204, headers: { Location: exchange.path } };
}

async function getStats(exchange: Exchange, core: CoreClient): Promise<Answer> {
  const queue = queueOf(exchange);
  const stats = await core.call(QueueServiceService.getQueueStats, { queue }, exchange);
  return { status: 200, headers: { 'Content-Location': exchange.path }, body: statsDocument(queue, stats) };
}
