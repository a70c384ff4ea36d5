/** Answers questions. Start as many as you like: each question goes to one of them. */
import { status, type ServiceError } from '@grpc/grpc-js';
import type { Message } from '../../src/gen/marconi/v1/messages.js';
import { bodyOf, connect, newMessage } from '../marconi.js';
import { QUESTIONS, type Question } from './question.js';

const { queues, messages, claims } = connect();

async function answer(message: Message): Promise<void> {
  const { id, replyTo, numbers } = bodyOf<Question>(message);
  const reply = { id, sum: numbers.reduce((sum, number) => sum + number, 0) };
  // Under this key a reply is stored once, also when another answerer has to repeat it.
  const once = { producerId: message.id, producerSequence: 1n };
  try {
    await messages.postMessages({ queue: replyTo, messages: [newMessage(reply)], ...once });
    console.log(`answered ${id}`);
  } catch (error) {
    if ((error as ServiceError).code !== status.NOT_FOUND) throw error;
    console.log(`nobody waits for ${id} any more`);
  }
}

async function main(): Promise<void> {
  await queues.createQueue({ queue: QUESTIONS });
  const asked = { queue: QUESTIONS, ttlSeconds: 60, graceSeconds: 60, wait: { seconds: 20n, nanos: 0 } };
  for (;;) {
    const { claim } = await claims.createClaim(asked);
    if (claim === undefined) continue;
    for (const message of claim.messages) {
      await answer(message);
      await claims.acknowledgeMessages({ queue: QUESTIONS, claimId: claim.id, ids: [message.id] });
    }
  }
}

void main();
