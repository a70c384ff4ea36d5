import { Pull } from 'zeromq';
import { AcknowledgeMessagesRequest, AcknowledgeMessagesResponse } from '../../src/gen/marconi/v1/claims.js';
import { Envelope, EnvelopeKind as Kind, PushDelivery, WorkerCredit } from '../../src/gen/marconi/v1/envelope.js';
import { LoadDealer, type Parcel } from './dealer.js';
import { CLAIM_MESSAGES, type OpenTaker } from './taker.js';

const CREDIT = 65_536;

/** Acknowledgements under way: a session has 64 calls at once. */
const MOST_UNDER_WAY = 60;

/** Takes as the one worker of the PUSH feed. */
export const openPush: OpenTaker = async ({ router, push, queue }, events) => {
  const credit = (messages: number): Uint8Array =>
    WorkerCredit.encode({ endpoint: '', queues: [queue], messages, batch: CLAIM_MESSAGES }).finish();
  let left: () => void = () => undefined;
  let underWay = 0;
  let goOn: () => void = () => undefined;
  const worker = new Pull({ linger: 0, receiveHighWaterMark: 1 });
  worker.connect(push);
  const dealer = await LoadDealer.open(
    router,
    ({ kind, payload }) => {
      if (kind !== Kind.ENVELOPE_KIND_RESPONSE) throw new Error(`An acknowledgement failed: kind ${kind}`);
      if (isLeaving) return left();
      underWay--;
      goOn();
      events.settled(AcknowledgeMessagesResponse.decode(payload).acknowledgements);
    },
    (client) => client.ask(Kind.ENVELOPE_KIND_WORKER_CREDIT, credit(CREDIT)),
  );
  let isLeaving = false;
  void (async () => {
    for await (const [frame] of worker) {
      const delivery = PushDelivery.decode(Envelope.decode(frame as Buffer).payload);
      events.took(delivery.claim?.messages ?? []);
      dealer.send(acknowledgementOf(delivery));
      if (++underWay >= MOST_UNDER_WAY) await new Promise<void>((resolve) => (goOn = resolve));
    }
  })();
  return {
    close: async () => {
      isLeaving = true;
      const gone = new Promise<void>((resolve) => (left = resolve));
      dealer.send({ kind: Kind.ENVELOPE_KIND_WORKER_CREDIT, method: '', payload: credit(0) });
      await gone;
      worker.close();
      dealer.close();
    },
  };
};

function acknowledgementOf({ queue, claim }: PushDelivery): Parcel {
  const ids = claim?.messages.map(({ id }) => id) ?? [];
  const payload = AcknowledgeMessagesRequest.encode({ queue, claimId: claim?.id ?? '', ids }).finish();
  return { kind: Kind.ENVELOPE_KIND_REQUEST, method: 'marconi.v1.ClaimService/AcknowledgeMessages', payload };
}
