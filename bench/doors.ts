/**
 * npm run bench -- doors [--rounds N] [--seconds N] [--quick] [--only NAME,…] [--profile FOLDER]: how fast the streams
 * and the ZeroMQ door are, beside what is the most of each: an echo of the same library through the same client, and the
 * storage driver alone. A real core over SQLite, every acknowledgement synced, bodies of 1 KiB; each server and each
 * client has a process of its own, and all share the processors. Counts are checked: a message lost or told of twice
 * ends the bench. `--quick` runs everything once, for too short a time to judge by.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { call, connect } from '../test/support/grpc-client.js';
import { FIGURES, report, type FigureName } from './doors/figures.js';
import type { LoadOrder, LoadResult } from './doors/order.js';
import { runDriver, runLoad, startCore, startEcho, type CoreAddresses, type Running } from './doors/processes.js';
import { machineFacts } from './support/machine.js';
import { Verdict } from './support/verdict.js';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: Object.keys(FIGURES).join(',') },
    profile: { type: 'string', default: '' },
  },
});
const rounds = values.quick ? 1 : Number(values.rounds);
const runMs = values.quick ? 200 : Number(values.seconds) * 1_000;
const warmMs = values.quick ? 100 : 1_000;
const backlog = values.quick ? 2_000 : 40_000;
const names = (Object.keys(FIGURES) as FigureName[]).filter((name) => values.only.split(',').includes(name));

/** Where each kind of load goes. */
interface Targets {
  readonly grpcEcho: Running;
  readonly zmqEcho: Running;
  readonly core: CoreAddresses;
  readonly folder: string;
}

async function measure(name: FigureName, { grpcEcho, zmqEcho, core, folder }: Targets): Promise<LoadResult> {
  if (name === 'driver') return runDriver(join(folder, 'driver', 'marconi.db'), warmMs, runMs);
  const order: LoadOrder = { load: name, ...core, queue: name, warmMs, runMs, backlog };
  if (name === 'unaryEcho' || name === 'streamEcho') return runLoad({ ...order, grpc: grpcEcho.line });
  if (name === 'dealerEcho') return runLoad({ ...order, router: zmqEcho.line });
  const connection = connect(core.grpc);
  await call(connection.queues, 'createQueue', { queue: name });
  connection.close();
  return runLoad(order);
}

/** A round has a core and a database of its own, so that none begins with what another left. */
async function runRound(echoes: Pick<Targets, 'grpcEcho' | 'zmqEcho'>, into: Map<FigureName, LoadResult[]>) {
  const folder = mkdtempSync(join(tmpdir(), 'marconi-doors-'));
  const core = await startCore(join(folder, 'core', 'marconi.db'), values.profile);
  try {
    for (const name of names) into.get(name)?.push(await measure(name, { ...echoes, core, folder }));
  } finally {
    await core.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  console.log(machineFacts());
  const results = new Map(names.map((name) => [name, [] as LoadResult[]]));
  const [grpcEcho, zmqEcho] = await Promise.all([startEcho('echo-grpc'), startEcho('echo-zmq')]);
  try {
    for (let round = 0; round < rounds; round++) await runRound({ grpcEcho, zmqEcho }, results);
  } finally {
    await Promise.all([grpcEcho.stop(), zmqEcho.stop()]);
  }
  console.log(`bodies of 1 KiB, medians of ${rounds}`);
  const verdict = new Verdict();
  for (const name of names) report(name, results, verdict);
  if (values.quick) console.log('quick: the figures are no measure, and no bar counts');
  else verdict.finish();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
