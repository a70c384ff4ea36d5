import type { Engine } from '../../../src/engine/api.js';
import { openSqlite, type SqliteOptions } from '../../../src/storage/drivers/sqlite/index.js';
import type { Storage } from '../../../src/storage/ports/index.js';
import { inProject, testEngine } from '../../support/engine.js';

/** Calls in the global project. */
export const CALL = inProject(null);

/** A node without doors: the engine over SQLite, as the service puts them together. */
export interface BareNode {
  readonly storage: Storage;
  readonly engine: Engine;
  stop(): Promise<void>;
}

/** Opens a node on a database, as the service does unless told otherwise. */
export async function openNode(
  path: string,
  options: Pick<Partial<SqliteOptions>, 'synchronous' | 'execution'> = {},
): Promise<BareNode> {
  const bounds = { reserveBytes: 1024 * 1024, ballastBytes: 64 * 1024 };
  const storage = await openSqlite({ path, synchronous: 'full', ...bounds, ...options });
  const engine = testEngine(storage);
  const stop = async (): Promise<void> => {
    await engine.drain();
    await storage.close();
  };
  return { storage, engine, stop };
}

/** The ids of all messages that the queue holds, claimed ones too, oldest first. */
export async function storedIds(engine: Engine, queue: string): Promise<string[]> {
  const ids: string[] = [];
  for (let marker = 0; ;) {
    const page = await engine.messages.list(CALL, queue, {
      position: { kind: 'after', marker },
      limit: 500,
      caller: null,
      echo: true,
      includeClaimed: true,
    });
    const last = page.value.at(-1);
    if (last === undefined) return ids;
    ids.push(...page.value.map((message) => message.id));
    marker = last.marker;
  }
}
