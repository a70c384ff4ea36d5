import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../free-port.js';
import { makeTempDir, removeTempDir } from '../temp-dir.js';
import { waitFor } from '../wait.js';
import { endingWithUs } from './ending-with-us.js';

const run = promisify(execFile);

/** Where Debian keeps the server's commands, a folder for each version. */
const DEBIAN = '/usr/lib/postgresql';

/** A PostgreSQL of its own, on a free port of the loopback. */
export interface PostgresCluster {
  /** `postgres://…` of its one database. */
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** Makes and starts an empty cluster that trusts everybody and syncs nothing: it is for one test. */
export async function startPostgres(): Promise<PostgresCluster> {
  const dir = makeTempDir('postgres');
  const user = otherThanRoot();
  if (user !== null) chownSync(dir, user.uid, user.gid);
  const data = join(dir, 'data');
  await run(
    command('initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '-N'],
    user ?? {},
  );
  const port = await freePort();
  const cheap = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${dir}`, ...cheap];
  const args = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
  const server = endingWithUs({ file: command('postgres'), args });
  const child = spawn(server.file, server.args, { ...user, stdio: 'ignore' });
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    await exited;
    removeTempDir(dir);
  };
  await waitFor('PostgreSQL to listen', () => child.exitCode === null && listens(port)).catch(
    async (error: unknown) => {
      await stop();
      throw error;
    },
  );
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop };
}

/** PostgreSQL refuses to run as root; its package brings a user. */
function otherThanRoot(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** The newest on Debian, else what the path has. */
function command(name: string): string {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const files = versions.map((version) => join(DEBIAN, version, 'bin', name));
  return files.find((file) => existsSync(file)) ?? name;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
