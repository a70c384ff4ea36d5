import type { Engine } from '../../../src/engine/api.js';
import type { MarconiError } from '../../../src/errors/marconi-error.js';
import { openMongo } from '../../../src/storage/drivers/mongodb/index.js';
import { inProject, testEngine } from '../engine.js';
import { overEngine, type QueueAccess } from '../history/index.js';
import type { Answer, Clocks, Question } from './bare-core-process.js';

const CTX = inProject('bare');

/** The core's engine, without a door: spans of time may be shorter than doors allow. */
async function serve(uri: string, database: string): Promise<void> {
  const storage = await openMongo({ uri, database });
  const engine = testEngine(storage);
  const queues = new Map<string, Promise<QueueAccess>>();
  const clocks = (): Clocks => ({ wall: Date.now(), store: storage.clock.now() });

  const reply = async ({ queue, method, args }: Question): Promise<unknown> => {
    if (method === 'clocks') return clocks();
    const access = queues.get(queue) ?? overEngine(engine, CTX, queue);
    queues.set(queue, access);
    if (method === 'claimLives') return claimLives(engine, queue, String(args[0]));
    const call = (await access)[method as Exclude<keyof QueueAccess, 'name'>] as (...given: unknown[]) => unknown;
    return call(...args);
  };
  process.on('message', (question: Question) => {
    reply(question)
      .then(
        (value): Answer => ({ n: question.n, value }),
        ({ reason, message }: MarconiError): Answer => ({ n: question.n, failed: { reason, message } }),
      )
      .then((answer) => process.send?.(answer))
      .catch(() => process.exit(1));
  });
  process.once('disconnect', () => void engine.drain().then(() => storage.close()));
  process.send?.({ n: 0, value: clocks() } satisfies Answer);
}

async function claimLives(engine: Engine, queue: string, claim: string): Promise<boolean> {
  try {
    await engine.claims.get(CTX, queue, claim);
    return true;
  } catch (error) {
    if ((error as MarconiError).reason === 'CLAIM_NOT_FOUND') return false;
    throw error;
  }
}

const [uri = '', database = ''] = process.argv.slice(2);
serve(uri, database).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
