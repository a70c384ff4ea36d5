import { Acknowledgement_Outcome as Outcome } from '../../src/gen/marconi/v1/claims.js';
import { quantile } from '../support/samples.js';
import { batchOf, numberIn, oneKib } from './bodies.js';
import { ended, openPublish, publishFrame } from './grpc-stream.js';
import { checkTotal } from './grpc-loads.js';
import { BATCH, BATCHES_IN_FLIGHT, PACE, type LoadOrder, type LoadResult } from './order.js';
import type { OpenTaker } from './taker.js';

/** Share of a backlog that is taken before it counts. */
const WARM_SHARE = 0.25;

/** How often the poster looks whether it is time. */
const LOOK_MS = 1;

/** How fast a backlog is taken and acknowledged; every message once, and nothing left. */
export const drained =
  (open: OpenTaker) =>
  async (order: LoadOrder): Promise<LoadResult> => {
    const { backlog } = order;
    const warm = backlog * WARM_SHARE;
    await postBacklog(order);
    const came = new Set<string>();
    let settled = 0;
    let began = 0;
    let done: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (done = resolve));
    const taker = await open(order, {
      took: (messages) => {
        for (const { id } of messages) {
          if (came.has(id)) throw new Error(`The message ${id} came twice.`);
          came.add(id);
        }
      },
      settled: (acknowledgements) => {
        if (settled < warm) began = performance.now();
        settled += acknowledged(acknowledgements);
        if (settled >= backlog) done();
      },
    });
    await finished;
    const seconds = (performance.now() - began) / 1000;
    await taker.close();
    await checkTotal(order, 0);
    return { perSecond: (backlog * (1 - WARM_SHARE)) / seconds };
  };

/** How long messages are on their way from a Publish stream to who waits for them, at a steady pace. */
export const delayed =
  (open: OpenTaker) =>
  async (order: LoadOrder): Promise<LoadResult> => {
    const warm = (order.warmMs * PACE) / 1000;
    const all = warm + (order.runMs * PACE) / 1000;
    const sent: number[] = [];
    const times = new Map<number, number>();
    let settled = 0;
    let done: () => void = () => undefined;
    const finished = new Promise<void>((resolve) => (done = resolve));
    const taker = await open(order, {
      took: (messages) => {
        const now = performance.now();
        for (const { body } of messages) {
          const n = numberIn(body);
          if (times.has(n)) throw new Error(`The message ${n} came twice.`);
          times.set(n, now - (sent[n] ?? NaN));
        }
      },
      settled: (acknowledgements) => {
        settled += acknowledged(acknowledgements);
        if (settled >= all) done();
      },
    });
    await postAtPace(order, all, sent);
    await finished;
    await taker.close();
    await checkTotal(order, 0);
    const counted = [...times].filter(([n]) => n >= warm).map(([, ms]) => ms);
    return { p50: quantile(counted, 0.5), p99: quantile(counted, 0.99) };
  };

function acknowledged(acknowledgements: readonly { readonly outcome: Outcome }[]): number {
  const lost = acknowledgements.find(({ outcome }) => outcome !== Outcome.OUTCOME_ACKNOWLEDGED);
  if (lost !== undefined) throw new Error(`An acknowledgement came to ${lost.outcome}.`);
  return acknowledgements.length;
}

async function postBacklog({ grpc, queue, backlog }: LoadOrder): Promise<void> {
  const frame = publishFrame(queue, batchOf(BATCH));
  let left = backlog / BATCH;
  const stream = await openPublish(grpc, () => next());
  const next = (): void => {
    if (left-- > 0) stream.write(frame);
    else if (left === -BATCHES_IN_FLIGHT) whole();
  };
  let whole: () => void = () => undefined;
  const posted = new Promise<void>((resolve) => (whole = resolve));
  for (let i = 0; i < BATCHES_IN_FLIGHT; i++) next();
  await posted;
  await ended(stream);
}

/** Posts so many messages, each at its time; notes when they were. */
async function postAtPace({ grpc, queue }: LoadOrder, all: number, sent: number[]): Promise<void> {
  const stream = await openPublish(grpc, () => undefined);
  const began = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.min(all, ((performance.now() - began) * PACE) / 1000);
      while (sent.length < due) {
        const frame = publishFrame(queue, [oneKib(sent.length)]);
        sent.push(performance.now());
        stream.write(frame);
      }
      if (sent.length < all) return;
      clearInterval(timer);
      resolve();
    }, LOOK_MS);
  });
  await ended(stream);
}
