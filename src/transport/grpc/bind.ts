import { readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { ServerCredentials, type Server } from '@grpc/grpc-js';
import { formatListen, parseListen, type ListenAddress } from '../../config/listen.js';
import type { TlsFiles } from '../../config/settings.js';

/** Binds the server and gives the address that it got (port 0: any). Fails when it cannot, naming the address. */
export async function bind(server: Server, listen: string, tls: TlsFiles | null): Promise<string> {
  const address = parseListen(listen);
  if (address === null) throw new Error(`grpc listen address ${listen}: expected HOST:PORT or unix:PATH`);
  if (address.kind === 'unix') await removeStaleSocket(address.path);
  const port = await bindAsync(server, address, credentials(tls));
  return formatListen(address.kind === 'tcp' ? { ...address, port } : address);
}

function bindAsync(server: Server, address: ListenAddress, creds: ServerCredentials): Promise<number> {
  const target = formatListen(address);
  return new Promise((resolve, reject) => {
    server.bindAsync(target, creds, (error, port) => {
      if (error === null) resolve(port);
      else reject(new Error(`Cannot listen on ${target}: ${error.message}`, { cause: error }));
    });
  });
}

function credentials(tls: TlsFiles | null): ServerCredentials {
  if (tls === null) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(null, [
    { cert_chain: readFileSync(tls.cert), private_key: readFileSync(tls.key) },
  ]);
}

/** A killed server leaves its socket file, which would keep the next one from listening; a live one is left alone. */
async function removeStaleSocket(path: string): Promise<void> {
  if (await someoneListens(path)) throw new Error(`Cannot listen on unix:${path}: another server listens there.`);
  rmSync(path, { force: true });
}

function someoneListens(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT') resolve(false);
      else reject(new Error(`Cannot listen on unix:${path}: ${error.message}`, { cause: error }));
    });
  });
}
