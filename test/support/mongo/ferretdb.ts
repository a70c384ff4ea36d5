import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { makeTempDir, removeTempDir } from '../temp-dir.js';
import { artifact } from './artifact.js';
import { MongoProcess, type MongoServer } from './mongo-process.js';
import { startPostgres } from './postgres-cluster.js';

/** Where FerretDB keeps its documents. */
export type FerretBackend = 'sqlite' | 'postgresql';

/**
 * Starts FerretDB, which is stricter about commands than the others: for tests that each is accepted. Its updates are
 * not atomic and each filter but one by `_id` reads the whole collection: one client with a pool of one, few documents.
 */
export async function startFerretDb({ backend }: { backend: FerretBackend }): Promise<MongoServer> {
  const built = await artifact('ferretdb');
  const store = backend === 'sqlite' ? folder() : await startPostgres();
  const port = await freePort();
  const command = { file: join(built, 'ferretdb'), args: [`127.0.0.1:${port}`, backend, store.url] };
  return new MongoProcess(`FerretDB (${backend})`, port, command, store.stop).start();
}

function folder(): { url: string; stop: () => void } {
  const dir = makeTempDir('ferretdb');
  return { url: dir, stop: () => removeTempDir(dir) };
}
