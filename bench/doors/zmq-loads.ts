import { Push } from 'zeromq';
import { EnvelopeKind as Kind, PullPublish, type Envelope } from '../../src/gen/marconi/v1/envelope.js';
import { PostMessagesRequest } from '../../src/gen/marconi/v1/messages.js';
import { batchOf } from './bodies.js';
import { frameOf, FrameLine, LoadDealer, type Parcel } from './dealer.js';
import { checkTotal } from './grpc-loads.js';
import { BATCH, BATCHES_IN_FLIGHT, IN_FLIGHT, type LoadOrder, type LoadResult } from './order.js';
import { checkReceipts, routerReceipt } from './receipts.js';
import { Window } from './window.js';

const NO_SESSION = Buffer.alloc(0);

function postOf({ queue }: LoadOrder): Parcel {
  const post = PostMessagesRequest.fromPartial({ queue, messages: batchOf(1) });
  const payload = PostMessagesRequest.encode(post).finish();
  return { kind: Kind.ENVELOPE_KIND_REQUEST, method: 'marconi.v1.MessageService/PostMessages', payload };
}

/** Posts that a ROUTER gives back as they are. */
export async function dealerEcho(order: LoadOrder): Promise<LoadResult> {
  const post = postOf(order);
  const dealer = LoadDealer.bare(order.router, ({ payload }) => {
    if (payload.length !== post.payload.length) throw new Error('The echo is not what was sent.');
    window.answered();
  });
  const window = new Window(IN_FLIGHT, order, () => dealer.send(post));
  const perSecond = await window.run();
  dealer.close();
  return { perSecond };
}

/** PostMessages of one message each. */
export async function dealerPosts(order: LoadOrder): Promise<LoadResult> {
  const post = postOf(order);
  const answers: Envelope[] = [];
  const dealer = await LoadDealer.open(order.router, (envelope) => {
    answers.push(envelope);
    window.answered();
  });
  const window = new Window(IN_FLIGHT, order, () => dealer.send(post));
  const perSecond = await window.run();
  dealer.close();
  checkReceipts(answers.map(routerReceipt), window.sent);
  await checkTotal(order, window.sent);
  return { perSecond };
}

/** Batches over PUSH, with their receipts over the router. */
export async function pullInBatches(order: LoadOrder): Promise<LoadResult> {
  const { queue } = order;
  const producerId = `bench-${process.pid}`;
  const messages = batchOf(BATCH);
  const answers: Envelope[] = [];
  const receipts = await LoadDealer.open(
    order.router,
    (envelope) => {
      answers.push(envelope);
      window.answered();
    },
    (client) => client.subscribe(producerId),
  );
  const push = new Push({ linger: 0 });
  push.connect(order.pull);
  const line = new FrameLine(push);
  let producerSequence = 0n;
  const window = new Window(BATCHES_IN_FLIGHT, order, () => {
    const post = { queue, messages, producerId, producerSequence: ++producerSequence };
    const payload = PullPublish.encode({ post }).finish();
    line.send(frameOf({ kind: Kind.ENVELOPE_KIND_PULL_PUBLISH, method: '', payload }, NO_SESSION, 0n));
  });
  const batches = await window.run();
  push.close();
  receipts.close();
  checkReceipts(answers.map(routerReceipt), window.sent * BATCH);
  await checkTotal(order, window.sent * BATCH);
  return { perSecond: batches * BATCH };
}
