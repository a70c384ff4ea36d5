import { join } from 'node:path';
import { freePort } from '../free-port.js';
import { makeTempDir, removeTempDir } from '../temp-dir.js';
import { artifact } from './artifact.js';
import { MongoProcess, type MongoServer } from './mongo-process.js';

/** Where mongo-java-server keeps its documents: `memory` loses them when it ends, `h2` does not. */
export type JavaBackend = 'memory' | 'h2';

/**
 * Starts mongo-java-server, whose single-document updates are atomic: for tests of concurrency and crashes. With `h2`
 * each write is in the file before its reply, so that a kill loses nothing acknowledged. Its data is in `dir` if given.
 */
export async function startMongoJavaServer(options: { backend: JavaBackend; dir?: string }): Promise<MongoServer> {
  const { backend } = options;
  const built = await artifact('java-server');
  const ownDir = backend === 'h2' && options.dir === undefined ? makeTempDir('mongo-java-server') : null;
  const port = await freePort();
  const dir = options.dir ?? ownDir;
  const stored = dir === null || backend === 'memory' ? [] : [join(dir, 'mongo.h2')];
  const jvm = ['-Xmx512m', '-XX:+UseSerialGC', '-cp', `${join(built, 'classes')}:${join(built, 'lib', '*')}`];
  const args = [...jvm, 'marconi.standin.Main', String(port), backend, ...stored];
  const release = (): void => (ownDir === null ? undefined : removeTempDir(ownDir));
  return new MongoProcess(`mongo-java-server (${backend})`, port, { file: 'java', args }, release).start();
}
