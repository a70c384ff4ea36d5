import { ConsumeRequest, ConsumeResponse } from '../../src/gen/marconi/v1/delivery.js';
import { CONSUME, ended, openStream } from './grpc-stream.js';
import { CLAIM_MESSAGES, CLAIM_TTL, type OpenTaker, type TakerEvents } from './taker.js';

type Request = NonNullable<ConsumeRequest['request']>;

const CREDIT = { messages: 2 ** 31 - 1, bytes: BigInt(2 ** 40) };

/** Takes by a Consume stream. */
export const openConsume: OpenTaker = async ({ grpc, queue }, events) => {
  const stream = openStream(grpc, CONSUME, (answer) => {
    const acknowledge = take(ConsumeResponse.decode(answer), events);
    if (acknowledge !== null) send(acknowledge);
  });
  const send = (request: Request): void => void stream.write(Buffer.from(ConsumeRequest.encode({ request }).finish()));
  const claims = { ttlSeconds: CLAIM_TTL, graceSeconds: 60, maxMessages: CLAIM_MESSAGES };
  send({ $case: 'start', value: { queue, ...claims, releaseOnEnd: true } });
  send({ $case: 'credit', value: CREDIT });
  return { close: () => ended(stream) };
};

/** The acknowledgement of what came; null when it was something else. */
function take({ event }: ConsumeResponse, events: TakerEvents): Request | null {
  if (event?.$case === 'acknowledged') events.settled(event.value.acknowledgements);
  if (event?.$case === 'failed') throw new Error(`A request failed: ${event.value.message}`);
  if (event?.$case !== 'claim') return null;
  const { id, messages } = event.value;
  events.took(messages);
  return {
    $case: 'acknowledge',
    value: { claimId: id, ids: messages.map((message) => message.id), requestId: undefined },
  };
}
