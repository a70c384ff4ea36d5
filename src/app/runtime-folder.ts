import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The longest path of a unix socket that every system takes, in bytes. */
const MAX_SOCKET_PATH = 100;

/** A folder that only this user can enter, for the socket between a core and its gateway. */
export interface RuntimeFolder {
  readonly path: string;
  readonly socket: string;
  remove(): Promise<void>;
}

/** Makes the folder (mode 0700) under the system's temporary folder. Rejects when its path is too long for a socket. */
export async function makeRuntimeFolder(): Promise<RuntimeFolder> {
  const path = await mkdtemp(join(tmpdir(), 'marconi-'));
  const socket = join(path, 'gateway.sock');
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  if (Buffer.byteLength(socket) > MAX_SOCKET_PATH) {
    await remove();
    throw new Error(`The path ${socket} is too long for a unix socket; set TMPDIR to a shorter folder.`);
  }
  return { path, socket, remove };
}
