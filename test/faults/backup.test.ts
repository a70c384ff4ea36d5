import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkHistory, History, recordEnd, type Recorded } from '../support/history/index.js';
import { overDoor } from '../support/load/door-access.js';
import { grpcClient } from '../support/load/grpc-client.js';
import { HistoryLoad } from '../support/load/history-load.js';
import { restClient } from '../support/load/rest-client.js';
import { runMarconi, startMarconi } from '../support/server.js';
import { makeTempDir, removeTempDir } from '../support/temp-dir.js';

const QUEUE = 'backup';
/** Calls before the backup, and after it. */
const CALLS = process.env.MARCONI_TEST_TIER === 'long' ? 20_000 : 2_000;

let folder: string;
beforeEach(() => {
  folder = makeTempDir('backup');
});
afterEach(() => removeTempDir(folder));

/** The history as the copy must know it: what ended while the backup ran is in doubt, what began after it never was. */
function upTo(records: readonly Recorded[], begun: number, done: number): Recorded[] {
  return records
    .filter(({ from }) => from < done)
    .map((record) => (record.to <= begun ? record : { ...record, to: Infinity, ending: { kind: 'unknown' } }));
}

/** What the restored copy holds, listed through a node on it. */
async function listCopy(storage: string): Promise<readonly Recorded[]> {
  const node = await startMarconi({ storage });
  const client = grpcClient(node.grpcAddress);
  const history = new History({ origin: 'copy' });
  await recordEnd(
    overDoor(QUEUE, async () => client),
    history,
    20,
  );
  client.close();
  expect(await node.stop()).toBe(0);
  return history.records();
}

async function waitForCalls(history: History, calls: number): Promise<void> {
  while (history.size < calls) await sleep(5);
}

test('a backup taken under load holds exactly what was acknowledged before it, also when restored', async () => {
  const node = await startMarconi({ storage: `sqlite:${folder}/live/marconi.db` });
  const [grpc, rest] = [grpcClient(node.grpcAddress), restClient(node.restUrl)];
  await grpc.createQueue(QUEUE);
  const history = new History();
  const now = (): number => Number(process.hrtime.bigint()) / 1e6;
  const doors = [overDoor(QUEUE, async () => grpc), overDoor(QUEUE, async () => rest)];
  const load = new HistoryLoad(history, doors, 1);

  await waitForCalls(history, CALLS);
  const begun = now();
  const file = join(folder, 'copy.db');
  const backup = await runMarconi(['storage', 'backup', file, '--storage', node.storage]);
  const done = now();
  await waitForCalls(history, history.size + CALLS / 4);
  await load.stop();
  for (const client of [grpc, rest]) client.close();
  expect(await node.stop()).toBe(0);
  expect({ code: backup.code, said: backup.stderr }).toEqual({ code: 0, said: '' });

  const restored = `sqlite:${folder}/restored/marconi.db`;
  const restore = await runMarconi(['storage', 'restore', file, '--storage', restored]);
  expect({ code: restore.code, said: restore.stderr }).toEqual({ code: 0, said: '' });
  const records = [...upTo(history.records(), begun, done), ...(await listCopy(restored))];
  expect(checkHistory(records)).toEqual([]);
  const stored = records.find(({ op }) => op.kind === 'stored');
  expect(stored?.ending).toMatchObject({
    kind: 'ok',
    result: { messages: expect.arrayContaining([expect.anything()]) },
  });
});
