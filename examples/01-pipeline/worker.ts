/** Takes jobs as they are dealt out, and acknowledges each delivery. Start as many as you like. */
import { Pull } from 'zeromq';
import { AcknowledgeMessagesRequest } from '../../src/gen/marconi/v1/claims.js';
import {
  Envelope,
  EnvelopeKind,
  PushDelivery,
  WorkerCredit,
  WorkerCreditGranted,
} from '../../src/gen/marconi/v1/envelope.js';
import { bodyOf } from '../marconi.js';
import { openSession } from '../zmq.js';

/** At most 20 jobs are out at this worker, in deliveries of 5. */
const CREDIT = { endpoint: '', queues: ['numbers'], messages: 20, batch: 5 };

async function main(): Promise<void> {
  const session = await openSession();
  // One delivery waits in the socket; more would only keep them from other workers.
  const pull = new Pull({ linger: 0, receiveHighWaterMark: 1 });
  pull.connect(process.argv[3] ?? 'tcp://127.0.0.1:8892');

  const announce = async (): Promise<WorkerCreditGranted> => {
    const answer = await session.ask(EnvelopeKind.ENVELOPE_KIND_WORKER_CREDIT, WorkerCredit.encode(CREDIT).finish());
    return WorkerCreditGranted.decode(answer);
  };
  const { heartbeat } = await announce();
  setInterval(() => void announce(), Number(heartbeat?.seconds ?? 5n) * 500);

  for await (const [frame] of pull) {
    const { queue, claim } = PushDelivery.decode(Envelope.decode(frame as Buffer).payload);
    if (claim === undefined) continue;
    for (const message of claim.messages)
      console.log(`${bodyOf<number>(message)} squared is ${bodyOf<number>(message) ** 2}`);
    const request = { queue, claimId: claim.id, ids: claim.messages.map(({ id }) => id) };
    await session.call(
      'marconi.v1.ClaimService/AcknowledgeMessages',
      AcknowledgeMessagesRequest.encode(request).finish(),
    );
  }
}

void main();
