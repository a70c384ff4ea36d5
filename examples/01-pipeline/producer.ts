/** Pushes jobs, many in one frame, and counts only those for which a receipt comes. */
import { Push } from 'zeromq';
import { CreateQueueRequest } from '../../src/gen/marconi/v1/queues.js';
import { EnvelopeKind, PullPublish, PullReceipt, ReceiptSubscribe } from '../../src/gen/marconi/v1/envelope.js';
import { newMessage } from '../marconi.js';
import { frameOf, openSession } from '../zmq.js';

const BATCHES = 10;
const JOBS_PER_BATCH = 10;
const producerId = `producer-${process.pid}`;

async function main(): Promise<void> {
  const session = await openSession();
  await session.call('marconi.v1.QueueService/CreateQueue', CreateQueueRequest.encode({ queue: 'numbers' }).finish());
  await session.ask(EnvelopeKind.ENVELOPE_KIND_RECEIPT_SUBSCRIBE, ReceiptSubscribe.encode({ producerId }).finish());

  const stored = new Promise<number>((resolve) => {
    let jobs = 0;
    let receipts = 0;
    session.unasked = ({ payload }) => {
      const { outcome } = PullReceipt.decode(payload);
      if (outcome?.$case === 'stored') jobs += outcome.value.ids.length;
      if (++receipts === BATCHES) resolve(jobs);
    };
  });

  const push = new Push({ linger: 0 });
  push.connect(process.argv[3] ?? 'tcp://127.0.0.1:8891');
  for (let batch = 0; batch < BATCHES; batch++) {
    const messages = Array.from({ length: JOBS_PER_BATCH }, (_, job) => newMessage(batch * JOBS_PER_BATCH + job));
    // Under its number a batch is stored once, however often it is sent: send it again when its receipt does not come.
    const post = { queue: 'numbers', messages, producerId, producerSequence: BigInt(batch) };
    await push.send(frameOf(EnvelopeKind.ENVELOPE_KIND_PULL_PUBLISH, PullPublish.encode({ post }).finish()));
  }
  console.log(`stored ${await stored} jobs`);
  process.exit(0);
}

void main();
