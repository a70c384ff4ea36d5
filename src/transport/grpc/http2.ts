import type { Server } from '@grpc/grpc-js';
import type { Http2SecureServer, Http2Server, ServerOptions } from 'node:http2';
import { HANDSHAKE_TIMEOUT_MS, MAX_CONNECTIONS, MAX_HEADER_BYTES } from './limits.js';

/**
 * grpc-js has no option for the header list, the number of connections, half-open handshakes or resets, and keeps its
 * HTTP/2 servers to itself. This file alone reaches for them; its version is pinned, and where these members are gone
 * the start fails rather than the limits.
 */
interface GrpcInternals {
  readonly commonServerOptions: ServerOptions;
  readonly http2Servers: ReadonlyMap<Http2Server | Http2SecureServer, unknown>;
}

function internalsOf(server: Server): GrpcInternals {
  const { commonServerOptions, http2Servers } = server as unknown as Partial<GrpcInternals>;
  if (typeof commonServerOptions !== 'object' || !(http2Servers instanceof Map)) {
    throw new Error('This version of @grpc/grpc-js is not the one that the limits of the gRPC door were written for.');
  }
  return { commonServerOptions, http2Servers };
}

/** Sets what must be set before the server binds. */
export function setHttp2Options(server: Server): void {
  const options = internalsOf(server).commonServerOptions;
  options.unknownProtocolTimeout = HANDSHAKE_TIMEOUT_MS;
  options.settings = { ...options.settings, maxHeaderListSize: MAX_HEADER_BYTES, enablePush: false };
}

/** The HTTP/2 servers of a bound server, one for each address, with their connections bounded. */
export function http2ServersOf(server: Server): readonly (Http2Server | Http2SecureServer)[] {
  const servers = [...internalsOf(server).http2Servers.keys()];
  for (const http2Server of servers) http2Server.maxConnections = MAX_CONNECTIONS;
  return servers;
}

/**
 * Lets a stream take in one request beyond those that were handled, not 16 as by default: they count as objects, and one
 * may have as many bytes as a request at all.
 */
export function readOneAhead(call: object): void {
  const state = (call as { _readableState?: { highWaterMark?: unknown } })._readableState;
  if (typeof state?.highWaterMark !== 'number') throw new Error('This version of Node.js keeps its streams otherwise.');
  state.highWaterMark = 1;
}
