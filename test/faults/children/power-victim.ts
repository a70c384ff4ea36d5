import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { MarconiError } from '../../../src/errors/marconi-error.js';
import type { Engine } from '../../../src/engine/api.js';
import type { NewMessage } from '../../../src/storage/ports/index.js';
import { CALL, openNode, storedIds } from './node.js';

/** What the victim tells, each before it does anything that depends on it. */
export interface VictimEvent {
  readonly kind: 'stored' | 'posted' | 'deleting' | 'deleted';
  readonly ids: readonly string[];
}

const POSTERS = 8;
const WORKERS = 2;
const RETRY_MS = 10;
const CLAIM = { ttl: 43_200, grace: 60, limit: 20, waitMs: 1_000 };

/** Resolves when the event is with the kernel: it outlives the victim. */
function tell(kind: VictimEvent['kind'], ids: readonly string[]): Promise<void> {
  return new Promise((resolve) => process.send?.({ kind, ids } satisfies VictimEvent, () => resolve()));
}

/** Bodies of different sizes, so that the log soon is full enough to be checkpointed. */
function messages(): NewMessage[] {
  const count = 1 + Math.floor(Math.random() * 3);
  const body = (): Buffer => Buffer.from(`"${randomBytes(Math.floor(Math.random() * 12_000)).toString('hex')}"`);
  return Array.from({ length: count }, () => ({ body: body(), contentType: '', ttl: 86_400 }));
}

async function post(engine: Engine): Promise<void> {
  const receipt = await engine.messages.post(CALL, 'q', { poster: null, messages: messages(), key: null });
  await tell('posted', receipt.ids);
}

async function work(engine: Engine): Promise<void> {
  const claim = (await engine.claims.create(CALL, 'q', CLAIM)).value;
  if (claim === null) return;
  const ids = claim.messages.map((message) => message.id);
  await tell('deleting', ids);
  await engine.claims.acknowledge(CALL, 'q', claim.id, ids);
  await tell('deleted', ids);
}

/** Until the process is killed. A step that fails is in doubt, and the next is tried a little later. */
async function forever(step: () => Promise<void>): Promise<never> {
  for (;;) {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof MarconiError) || error.reason !== 'STORAGE_UNAVAILABLE') throw error;
      await sleep(RETRY_MS);
    }
  }
}

/** Tells what is stored, then posts and deletes until it is killed, and tells what was acknowledged. */
async function live(path: string, synchronous: 'full' | 'normal'): Promise<void> {
  const { engine } = await openNode(path, { synchronous });
  await engine.queues.create(CALL, 'q');
  await tell('stored', await storedIds(engine, 'q'));
  const posters = Array.from({ length: POSTERS }, () => forever(() => post(engine)));
  const workers = Array.from({ length: WORKERS }, () => forever(() => work(engine)));
  await Promise.all([...posters, ...workers]);
}

const [path = '', synchronous] = process.argv.slice(2);
live(path, synchronous === 'normal' ? 'normal' : 'full').catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
