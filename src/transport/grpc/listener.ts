import {
  Server,
  type handleBidiStreamingCall,
  type handleServerStreamingCall,
  type handleUnaryCall,
} from '@grpc/grpc-js';
import type { Settings } from '../../config/settings.js';
import type { Logger } from '../../telemetry/log.js';
import { bind } from './bind.js';
import { guardConnections, type ConnectionGuard } from './guard.js';
import type { Health } from './health.js';
import { setHttp2Options } from './http2.js';
import { listenerOptions, type ListenerClass } from './limits.js';
import { registerReflection } from './reflection.js';

/** A method ready to be served: bytes in, bytes out. */
export type Route = { readonly path: string } & (
  | { readonly kind: 'unary'; readonly serve: handleUnaryCall<Buffer, Buffer> }
  | { readonly kind: 'serverStream'; readonly serve: handleServerStreamingCall<Buffer, Buffer> }
  | { readonly kind: 'bidi'; readonly serve: handleBidiStreamingCall<Buffer, Buffer> }
);

/** What a listener serves. */
export interface ListenerParts {
  readonly routes: readonly Route[];
  readonly health: Health;
  readonly log: Logger;
}

const sameBytes = (bytes: Buffer): Buffer => bytes;

/** One address with the limits of its class. */
export class Listener {
  private readonly server: Server;
  private readonly log: Logger;
  private guard: ConnectionGuard | undefined;

  constructor(
    private readonly kind: ListenerClass,
    grpc: Settings['grpc'],
    { routes, health, log }: ListenerParts,
  ) {
    this.log = log;
    this.server = new Server({ ...listenerOptions(kind, grpc) });
    setHttp2Options(this.server);
    for (const { path, kind, serve } of routes) this.server.register(path, serve, sameBytes, sameBytes, kind);
    health.register(this.server);
    registerReflection(this.server);
  }

  /** Gives the address that it listens on. */
  async start(listen: string, tls: Settings['grpc']['tls']): Promise<string> {
    const address = await bind(this.server, listen, tls);
    this.guard = guardConnections(this.server, this.kind, (event, peer) => {
      this.log.warn({ event, peer, listener: this.kind }, 'connection limit');
    });
    return address;
  }

  /** Takes no new connection, says GOAWAY on each, and resolves when the calls in flight are answered or time is up. */
  drain(graceMs: number): Promise<void> {
    return new Promise((resolve) => {
      const force = setTimeout(() => {
        this.stop();
        resolve();
      }, graceMs);
      this.server.tryShutdown(() => {
        clearTimeout(force);
        this.guard?.end();
        resolve();
      });
    });
  }

  /** Ends all connections at once. */
  stop(): void {
    this.guard?.end();
    this.server.forceShutdown();
    this.guard?.destroyAll();
  }
}
