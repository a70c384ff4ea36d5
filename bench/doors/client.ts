import { openConsume } from './consume-taker.js';
import { publish, publishInBatches, streamEcho, unaryEcho } from './grpc-loads.js';
import type { LoadOrder, LoadResult } from './order.js';
import { openPush } from './push-taker.js';
import { delayed, drained } from './take-loads.js';
import { dealerEcho, dealerPosts, pullInBatches } from './zmq-loads.js';

/** A load that has come to no end by then has lost something. */
const PATIENCE_MS = 120_000;

const loads = {
  unaryEcho,
  streamEcho,
  dealerEcho,
  publish,
  publishInBatches,
  pullInBatches,
  dealerPosts,
  consume: drained(openConsume),
  push: drained(openPush),
  consumeDelay: delayed(openConsume),
  pushDelay: delayed(openPush),
} satisfies Record<string, (order: LoadOrder) => Promise<LoadResult>>;

/** The loads by name. */
export type LoadName = keyof typeof loads;

async function run(order: LoadOrder): Promise<void> {
  setTimeout(() => {
    throw new Error(`${order.load}: no end after ${PATIENCE_MS / 1000} s.`);
  }, PATIENCE_MS).unref();
  const result = await loads[order.load as LoadName](order);
  process.send?.(result);
  process.disconnect();
}

const order = process.argv[2];
if (order !== undefined && require.main === module) void run(JSON.parse(order) as LoadOrder);
