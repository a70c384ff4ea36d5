import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { makeTempDir, removeTempDir } from '../temp-dir.js';
import { artifact } from './artifact.js';
import { MongoProcess, type MongoServer } from './mongo-process.js';

/**
 * Starts SecantusDB, which is a replica set of one member with a journal: for change streams, TTL and partial indexes,
 * and restarts. Its data is in `dir` if given.
 */
export async function startSecantus(options: { dir?: string } = {}): Promise<MongoServer> {
  const built = await artifact('secantus');
  const ownDir = options.dir === undefined ? makeTempDir('secantus') : null;
  const dir = options.dir ?? ownDir ?? '';
  const port = await freePort();
  const args = ['--host', '127.0.0.1', '--port', String(port), '--storage-path', dir];
  const release = (): void => (ownDir === null ? undefined : removeTempDir(ownDir));
  return new MongoProcess('SecantusDB', port, { file: join(built, 'bin', 'secantusd-py'), args }, release).start();
}
