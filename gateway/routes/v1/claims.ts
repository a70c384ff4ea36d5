import { LEAST_SECONDS, MAX_WAIT_MS, type Limits } from '../../../src/config/limits.js';
import { ClaimServiceService } from '../../../src/gen/marconi/v1/claims.js';
import type { CoreClient } from '../../core/client.js';
import { NO_CONTENT, type Answer } from '../../http/answer.js';
import { queueOf, type Exchange } from '../../http/exchange.js';
import { Problem } from '../../http/problem.js';
import { readBody } from '../../middleware/read-body.js';
import { claimDocument } from '../../present/v1/claims.js';
import { claimPath } from '../../present/v1/links.js';
import { messageArray } from '../../present/v1/messages.js';
import { checkDocument, readClaimTimes } from '../../read/v1/json.js';
import type { Waits } from '../../waits.js';
import type { Resource } from '../resource.js';

/** Claims (spec rest-v1 2.16 to 2.19). */
export function claimRoutes(core: CoreClient, limits: Limits, waits: Waits): Resource[] {
  return [
    {
      path: '/v1/queues/:queue_name/claims',
      methods: { POST: { name: 'create-claim', run: (exchange) => createClaim(exchange, core, limits, waits) } },
    },
    {
      path: '/v1/queues/:queue_name/claims/:claim_id',
      methods: {
        GET: { name: 'get-claim', run: (exchange) => getClaim(exchange, core) },
        PATCH: { name: 'update-claim', run: (exchange) => updateClaim(exchange, core, limits) },
        DELETE: { name: 'release-claim', run: (exchange) => releaseClaim(exchange, core) },
      },
    },
  ];
}

/** Bytes of a claim's body: two numbers, and room for members that are dropped. */
const MAX_CLAIM_BODY = 65_536;

const claimKey = (exchange: Exchange) => ({ queue: queueOf(exchange), claimId: exchange.params['claim_id'] ?? '' });

async function readTimes(exchange: Exchange, limits: Limits, renewal: boolean) {
  const body = await readBody(exchange.request, MAX_CLAIM_BODY);
  checkDocument(body, 'object', limits.maxJsonDepth);
  const grace = { name: 'grace', least: LEAST_SECONDS, most: limits.maxClaimGrace } as const;
  return readClaimTimes(
    body,
    { name: 'ttl', least: LEAST_SECONDS, most: limits.maxClaimTtl },
    renewal ? { ...grace, least: 0, fallback: 0 } : grace,
  );
}

async function createClaim(exchange: Exchange, core: CoreClient, limits: Limits, waits: Waits): Promise<Answer> {
  const queue = queueOf(exchange);
  const limit = exchange.query.integer('limit', 1, limits.maxMessagesPerClaim);
  const waitSeconds = exchange.query.integer('wait', 0, MAX_WAIT_MS / 1000) ?? 0;
  const { ttl, grace } = await readTimes(exchange, limits, false);
  const wait = { seconds: BigInt(waitSeconds), nanos: 0 };
  const request = { queue, ttlSeconds: ttl, graceSeconds: grace, limit, wait };
  const call = () => core.call(ClaimServiceService.createClaim, request, exchange, waitSeconds * 1000);
  const { claim } = waitSeconds > 0 ? await waits.hold(exchange, call, {}) : await call();
  if (claim === undefined) return NO_CONTENT;
  return {
    status: 201,
    headers: { Location: claimPath(queue, claim.id) },
    body: messageArray(queue, claim.messages, claim.id),
  };
}

async function getClaim(exchange: Exchange, core: CoreClient): Promise<Answer> {
  const { claim } = await core.call(ClaimServiceService.getClaim, claimKey(exchange), exchange);
  if (claim === undefined) throw new Problem('notFound', 'There is no such claim.', { reason: 'CLAIM_NOT_FOUND' });
  const headers = { 'Content-Location': exchange.target };
  return { status: 200, headers, body: claimDocument(queueOf(exchange), claim) };
}

async function updateClaim(exchange: Exchange, core: CoreClient, limits: Limits): Promise<Answer> {
  const { ttl, grace } = await readTimes(exchange, limits, true);
  const request = { ...claimKey(exchange), ttlSeconds: ttl, graceSeconds: grace };
  await core.call(ClaimServiceService.updateClaim, request, exchange);
  return NO_CONTENT;
}

async function releaseClaim(exchange: Exchange, core: CoreClient): Promise<Answer> {
  await core.call(ClaimServiceService.releaseClaim, claimKey(exchange), exchange);
  return NO_CONTENT;
}
