import { mkdirSync } from 'node:fs';
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

const CONCURRENT = 3;
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
 * One database: posts until the N-th call fails, looks whether anything is acknowledged while calls go on failing, lets
 * them succeed again, posts on, and compares what was acknowledged with what a fresh node finds.
 */
async function failAt(control: ShimControl, folder: string, kind: Failure['kind'], at: number): Promise<IoReport> {
  const path = join(folder, `${kind}-${at}`, 'marconi.db');
  mkdirSync(join(folder, `${kind}-${at}`));
  const node = await openNode(path);
  await node.engine.queues.create(CALL, 'q');
  control.fail({ kind, at, calls: FOREVER });
  const acknowledged: string[] = [];
  for (let round = 0; round < MOST_ROUNDS && control.failed === 0; round++) {
    acknowledged.push(...(await postSome(node, CONCURRENT)));
  }
  const failed = control.failed > 0;
  const whileFailing = failed ? await postSome(node, CONCURRENT) : [];
  control.heal();
  const after = await untilRecovered(node);
  acknowledged.push(...whileFailing, ...after);
  await node.stop();
  const fresh = await openNode(path, { execution: 'inline' });
  const stored = new Set(await storedIds(fresh.engine, 'q'));
  await fresh.stop();
  return {
    kind,
    at,
    failed,
    acknowledgedWhileFailing: whileFailing.length,
    lost: acknowledged.filter((id) => !stored.has(id)).length,
    recovered: after.length > 0,
  };
}

async function run(folder: string, controlFile: string, kind: Failure['kind'], most: number): Promise<IoReport[]> {
  const control = new ShimControl(controlFile);
  const reports: IoReport[] = [];
  for (let at = 1; at <= most; at++) reports.push(await failAt(control, folder, kind, at));
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
