import type { Server } from '@grpc/grpc-js';
import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import { METHODS, rowOf } from '../dispatch.js';
import { http2ServersOf } from './http2.js';
import type { ListenerClass } from './limits.js';
import { SessionGuard, type GuardOptions } from './session-guard.js';
import { settleProjectHeader } from './tenant-headers.js';

const SWEEP_MS = 5_000;

const UNARY_PATHS: ReadonlySet<string> = new Set(
  METHODS.map(rowOf)
    .filter(({ kind }) => kind === 'unary')
    .map(({ path }) => path),
);

/** Watches over the connections of one listener. */
export interface ConnectionGuard {
  /** Stops watching. */
  end(): void;
  /** Ends all connections in the next turn: without channelz, grpc-js's own forceShutdown reaches none of them. */
  destroyAll(): void;
}

/**
 * Guards the connections of a bound server. The gateway's link only has its headers settled: it carries many callers,
 * and one that gives up must not cost the others their connection (design section 2).
 */
export function guardConnections(
  server: Server,
  kind: ListenerClass,
  onEvent: GuardOptions['onEvent'],
): ConnectionGuard {
  const sessions = new Set<ServerHttp2Session>();
  const guards = new Map<ServerHttp2Session, SessionGuard>();
  const options: GuardOptions = { isUnary: (path) => UNARY_PATHS.has(path), onEvent };

  const onSession = (session: ServerHttp2Session): void => {
    sessions.add(session);
    if (kind === 'public') guards.set(session, new SessionGuard(session, options));
    session.once('close', () => {
      sessions.delete(session);
      guards.delete(session);
    });
  };
  const onStream = (
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    _flags: number,
    rawHeaders: readonly string[],
  ): void => {
    settleProjectHeader(headers, rawHeaders);
    const guard = stream.session && guards.get(stream.session as ServerHttp2Session);
    guard?.watch(stream, headers[':path'] ?? '');
  };

  for (const http2Server of http2ServersOf(server)) {
    // Before grpc-js, so that it reads the headers as they are settled.
    http2Server.prependListener('stream', onStream);
    http2Server.on('session', onSession);
  }
  const timer = setInterval(() => {
    const now = performance.now();
    for (const guard of guards.values()) guard.sweep(now);
  }, SWEEP_MS).unref();
  return {
    end: () => clearInterval(timer),
    destroyAll: () => {
      // Not from within the reading of a frame, which may be what led here: Node.js would abort the process.
      setImmediate(() => sessions.forEach((session) => session.destroy()));
    },
  };
}
