import { join } from 'node:path';
import { ShimControl, type Failure } from '../../support/shims/control.js';
import { CALL, openNode, storedIds, type BareNode } from './node.js';

/** What one failure came to. */
export interface IoReport {
  readonly kind: Failure['kind'];
  readonly at: number;
  /** False when the load ended before the call was reached. */
  readonly failed: boolean;
  /** Posts acknowledged while every such call failed: must be none. */
  readonly acknowledgedWhileFailing: number;
  /** Acknowledged and not stored when the database was opened anew. */
  readonly lost: number;
  /** True when posting worked again, in the same process, after the failure was over. */
  readonly recovered: boolean;
}

/** What one failure came to, and the posts that were acknowledged around it. */
interface Trial {
  readonly report: Omit<IoReport, 'lost'>;
  readonly acknowledged: readonly string[];
}

const CONCURRENT = 3;
const TRIALS_A_DATABASE = 10;
/** Posts that a load tries at the most before the failure, and after it until the node is well again. */
const MOST_ROUNDS = 600;
const RETRY_MS = 10;
/** Calls in a row: more than any load makes. */
const FOREVER = 1_000_000_000;

const body = Buffer.from(`"${'x'.repeat(3_000)}"`);

/** Posts a few messages at once; gives the ids of those that were acknowledged. */
async function postSome(node: BareNode, count: number): Promise<string[]> {
  const message = { body, contentType: '', ttl: 3_600 };
  const post = { poster: null, messages: [message], key: null };
  const posts = Array.from({ length: count }, () => node.engine.messages.post(CALL, 'q', post));
  const results = await Promise.allSettled(posts);
  return results.flatMap((result) => (result.status === 'fulfilled' ? result.value.ids : []));
}

async function untilRecovered(node: BareNode): Promise<string[]> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const ids = await postSome(node, 1);
    if (ids.length > 0) return ids;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
  return [];
}

/**
 * Posts until the N-th call fails, looks whether anything is acknowledged while calls go on failing, lets them succeed
 * again, and posts on.
 */
async function failAt(node: BareNode, control: ShimControl, kind: Failure['kind'], at: number): Promise<Trial> {
  control.fail({ kind, at, calls: FOREVER });
  const acknowledged: string[] = [];
  for (let round = 0; round < MOST_ROUNDS && control.failed === 0; round++) {
    acknowledged.push(...(await postSome(node, CONCURRENT)));
  }
  const failed = control.failed > 0;
  const whileFailing = failed ? await postSome(node, CONCURRENT) : [];
  control.heal();
  const after = await untilRecovered(node);
  return {
    report: { kind, at, failed, acknowledgedWhileFailing: whileFailing.length, recovered: after.length > 0 },
    acknowledged: [...acknowledged, ...whileFailing, ...after],
  };
}

/** A few values of N on one node and one database; then a fresh node tells what is stored. */
async function failOften(
  path: string,
  control: ShimControl,
  kind: Failure['kind'],
  ats: number[],
): Promise<IoReport[]> {
  const node = await openNode(path);
  await node.engine.queues.create(CALL, 'q');
  const trials: Trial[] = [];
  for (const at of ats) trials.push(await failAt(node, control, kind, at));
  await node.stop();
  const fresh = await openNode(path, { execution: 'inline' });
  const stored = new Set(await storedIds(fresh.engine, 'q'));
  await fresh.stop();
  return trials.map(({ report, acknowledged }) => {
    return { ...report, lost: acknowledged.filter((id) => !stored.has(id)).length };
  });
}

async function run(folder: string, controlFile: string, kind: Failure['kind'], most: number): Promise<IoReport[]> {
  const control = new ShimControl(controlFile);
  const reports: IoReport[] = [];
  for (let first = 1; first <= most; first += TRIALS_A_DATABASE) {
    const ats = Array.from({ length: Math.min(TRIALS_A_DATABASE, most - first + 1) }, (_, i) => first + i);
    reports.push(...(await failOften(join(folder, `${kind}-${first}`, 'marconi.db'), control, kind, ats)));
  }
  control.close();
  return reports;
}

const [folder = '', controlFile = '', kind, most] = process.argv.slice(2);
run(folder, controlFile, kind === 'write' ? 'write' : 'sync', Number(most))
  .then((reports) => process.send?.(reports, () => process.disconnect()))
  .catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
