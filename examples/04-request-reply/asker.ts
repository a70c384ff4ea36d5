/** Asks, and waits for the answers in a queue of its own, which it deletes in the end. */
import { randomUUID } from 'node:crypto';
import { bodyOf, connect, newMessage } from '../marconi.js';
import { QUESTIONS, type Question, type Reply } from './question.js';

const WAIT_MS = 60_000;

const { queues, messages, claims } = connect();

/** Takes answers, in whatever order they come, until each question has its own. */
async function replies(replyTo: string, open: Map<string, Question>): Promise<void> {
  const asked = { queue: replyTo, ttlSeconds: 60, graceSeconds: 60, wait: { seconds: 5n, nanos: 0 } };
  const end = Date.now() + WAIT_MS;
  while (open.size > 0 && Date.now() < end) {
    const { claim } = await claims.createClaim(asked);
    for (const message of claim?.messages ?? []) {
      const { id, sum } = bodyOf<Reply>(message);
      const question = open.get(id);
      if (question !== undefined) console.log(`${question.numbers.join(' + ')} = ${sum}`);
      open.delete(id);
    }
    const ids = claim?.messages.map(({ id }) => id) ?? [];
    if (claim !== undefined) await claims.acknowledgeMessages({ queue: replyTo, claimId: claim.id, ids });
  }
  if (open.size > 0) throw new Error(`${open.size} questions were not answered`);
}

async function main(): Promise<void> {
  const replyTo = `replies-${randomUUID()}`;
  const questions = [[1, 2], [3, 4, 5], [6]].map((numbers) => ({ id: randomUUID(), replyTo, numbers }));
  for (const queue of [QUESTIONS, replyTo]) await queues.createQueue({ queue });
  try {
    await messages.postMessages({ queue: QUESTIONS, messages: questions.map(newMessage) });
    await replies(replyTo, new Map(questions.map((question) => [question.id, question])));
  } finally {
    await queues.deleteQueue({ queue: replyTo });
  }
}

void main();
