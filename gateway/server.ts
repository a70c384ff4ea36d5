import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { AddressInfo } from 'node:net';
import { parseListen } from '../src/config/listen.js';
import type { TlsFiles } from '../src/config/settings.js';

/** Bounds of the listener; each bites before memory or a place is taken for long (reliability, section 4). */
export const LISTENER_LIMITS = {
  /** Milliseconds until the headers of a request must be there. */
  headersMs: 10_000,
  /** Milliseconds until the whole request must be there. */
  requestMs: 30_000,
  /** Milliseconds that a connection may be silent within a request; longer than the longest wait for a claim. */
  silenceMs: 60_000,
  /** Milliseconds that a connection may be idle between requests. */
  idleMs: 300_000,
  /** Milliseconds between looks for connections that are over their time. */
  lookEveryMs: 1_000,
  /** Bytes of a request's headers. */
  headerBytes: 16 * 1024,
  /** Connections open at once; more are closed as they come. */
  connections: 10_000,
} as const;

/** Makes the listener of the gateway, plain or TLS. */
export function createListener(handler: RequestListener, tls: TlsFiles | null): Server {
  const options: ServerOptions = {
    headersTimeout: LISTENER_LIMITS.headersMs,
    requestTimeout: LISTENER_LIMITS.requestMs,
    keepAliveTimeout: LISTENER_LIMITS.idleMs,
    connectionsCheckingInterval: LISTENER_LIMITS.lookEveryMs,
    maxHeaderSize: LISTENER_LIMITS.headerBytes,
  };
  const server = tls === null ? createServer(options, handler) : createTlsListener(options, handler, tls);
  server.timeout = LISTENER_LIMITS.silenceMs;
  server.maxConnections = LISTENER_LIMITS.connections;
  server.on('clientError', answerUnreadable);
  return server;
}

function createTlsListener(options: ServerOptions, handler: RequestListener, { cert, key }: TlsFiles): Server {
  return createTlsServer(
    { ...options, cert: readFileSync(cert), key: readFileSync(key), minVersion: 'TLSv1.2' },
    handler,
  );
}

const UNREADABLE: Readonly<Record<string, readonly [string, string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'The headers of the request are too long.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request took too long to arrive.'],
};

/** What is no HTTP request, too long or too slow gets an error document too, and the connection ends. */
function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [status, description] = UNREADABLE[error.code ?? ''] ?? ['400 Bad Request', 'The request is not HTTP.'];
  const body = JSON.stringify({ title: status.slice(4), description });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nConnection: close\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

/** Listens at `HOST:PORT` and gives the URL that it answers at. Rejects when the address cannot be had. */
export function listen(server: Server, address: string, scheme: 'http' | 'https'): Promise<string> {
  const parsed = parseListen(address);
  if (parsed?.kind !== 'tcp') throw new Error(`The gateway listens at HOST:PORT; "${address}" is not one.`);
  const { host, port } = parsed;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      const bound = (server.address() as AddressInfo).port;
      resolve(`${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`);
    });
  });
}
