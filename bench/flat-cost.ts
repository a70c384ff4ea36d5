/**
 * npm run bench -- flat-cost [--size N] [--queues N] [--rounds N]: what calls cost on a queue of 1 M messages against one
 * of 1 k, in every state of the promise P6, on a node with 10 k queues against 10, and how long a node with 1 M messages
 * takes to be ready after kill -9. The calls on both sides take turns, so that noise of the machine meets both.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { QueueRef, Storage } from '../src/storage/ports/index.js';
import { FOREIGN, fillQueue, OWN, type PosterOf } from './flat/backlog.js';
import { judge, noPair, type Pair } from './flat/compare.js';
import { Databases } from './flat/databases.js';
import { measureOnce, type Subject } from './flat/operations.js';
import { measureRestart } from './flat/restart.js';
import { POSTED_AT, STATES, type BacklogState } from './flat/states.js';
import { machineFacts } from './support/machine.js';
import { Verdict } from './support/verdict.js';

const SMALL = 1_000;
const FEW_QUEUES = 10;
const MESSAGES_A_QUEUE = 30;
const RUNS = 5;
/** Calls on one small queue before it is made anew: each takes ten messages from its front. */
const TURNS = 25;

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: '1000000' },
    queues: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '8' },
  },
});
const size = Number(values.size);
const queues = Number(values.queues);
const rounds = Number(values.rounds);

const root = mkdtempSync(join(tmpdir(), 'marconi-flat-'));
const databases = new Databases(root);
const verdict = new Verdict();
const alternating: PosterOf = (index) => (index % 2 === 0 ? OWN : FOREIGN);

/** The queue, listed from its start or, where the state says so, from its middle. */
function subjectOf(storage: Storage, queue: QueueRef, state: BacklogState, messages: number): Subject {
  const marker = state.fromMiddle ? Math.floor(messages / 2) : 0;
  return { storage, queue, position: { kind: 'after', marker } };
}

async function warm(subject: Subject, state: BacklogState): Promise<void> {
  for (let i = 0; i < TURNS; i++) await measureOnce(subject, state, noPair().small);
}

async function smallSubject(storage: Storage, state: BacklogState, name: string): Promise<Subject> {
  const queue = await fillQueue(storage, name, SMALL, POSTED_AT, state.posterOf);
  await state.prepare(storage, queue, SMALL);
  return subjectOf(storage, queue, state, SMALL);
}

async function measureState(state: BacklogState, base: string): Promise<void> {
  databases.copy(base, 'large');
  const large = await databases.open('large');
  const small = await databases.open('small');
  const record = await large.control.findQueue(null, 'backlog');
  if (!record) throw new Error('The copied database lacks its queue.');
  await state.prepare(large, record.ref, size);
  const largeSubject = subjectOf(large, record.ref, state, size);
  await warm(largeSubject, state);
  await warm(await smallSubject(small, state, 'warm'), state);
  const runs: Pair[] = [];
  for (let run = 0; run < RUNS; run++) {
    const pair = noPair();
    for (let round = 0; round < rounds; round++) {
      const subject = await smallSubject(small, state, `q-${run}-${round}`);
      for (let turn = 0; turn < TURNS; turn++) {
        await measureOnce(subject, state, pair.small);
        await measureOnce(largeSubject, state, pair.large);
      }
    }
    runs.push(pair);
  }
  judge(state.name, runs, verdict);
  await Promise.all([large.close(), small.close()]);
  databases.remove('large');
  databases.remove('small');
}

async function measureQueues(): Promise<void> {
  const state = STATES[0] as BacklogState;
  const [few, many] = [await databases.open('few'), await databases.open('many')];
  const make = async (storage: Storage, count: number): Promise<readonly QueueRef[]> => {
    const refs: QueueRef[] = [];
    for (let i = 0; i < count; i++)
      refs.push(await fillQueue(storage, `q${i}`, MESSAGES_A_QUEUE, POSTED_AT, state.posterOf));
    return refs;
  };
  const [fewRefs, manyRefs] = [await make(few, FEW_QUEUES), await make(many, queues)];
  const pick = (refs: readonly QueueRef[], turn: number): QueueRef => refs[(turn * 7_919) % refs.length] as QueueRef;
  const runs: Pair[] = [];
  for (let run = 0; run < RUNS; run++) {
    const pair = noPair();
    for (let turn = 0; turn < rounds * TURNS; turn++) {
      const index = run * rounds * TURNS + turn;
      await measureOnce(subjectOf(few, pick(fewRefs, index), state, MESSAGES_A_QUEUE), state, pair.small);
      await measureOnce(subjectOf(many, pick(manyRefs, index), state, MESSAGES_A_QUEUE), state, pair.large);
    }
    runs.push(pair);
  }
  judge(`${queues} queues against ${FEW_QUEUES}`, runs, verdict);
  await Promise.all([few.close(), many.close()]);
}

async function build(name: string, posterOf: PosterOf): Promise<void> {
  const started = performance.now();
  const storage = await databases.open(name);
  await fillQueue(storage, 'backlog', size, POSTED_AT, posterOf);
  await storage.close();
  console.log(`built ${size} messages (${name}) in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

async function main(): Promise<void> {
  console.log(machineFacts(root));
  await build('own', () => OWN);
  await build('alternating', alternating);
  for (const state of STATES) await measureState(state, state.posterOf(1) === OWN ? 'own' : 'alternating');
  await measureQueues();
  await measureRestart(databases.path('own'), verdict);
  verdict.finish();
}

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => rmSync(root, { recursive: true, force: true }));
