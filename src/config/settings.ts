import type { Limits } from './limits.js';
import type { ZmqEndpoint } from './zmq-endpoints.js';

/** Certificate and key files of a TLS listener, PEM; null: no TLS. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** Key files of the ZeroMQ door; null: no CURVE. */
export interface CurveFiles {
  /** The server's secret key. */
  readonly secretKey: string;
  /** The keys that may connect. */
  readonly clientKeys: string;
}

/** Everything that can be configured, after loading. Each value's default, unit and reason stand in `options.ts`. */
export interface Settings {
  /** URI of the storage: `sqlite:PATH`, `memory:`, `mongodb://HOSTS/DATABASE`; may hold a password. */
  readonly storage: string;
  readonly grpc: {
    /** `HOST:PORT` or `unix:PATH`. */
    readonly listen: string;
    /** `unix:PATH` of the gateway's own link, a listener class of its own that the core trusts; empty: none. */
    readonly gatewayListen: string;
    readonly tls: TlsFiles | null;
    /** Streams that one connection may have open at once. */
    readonly maxConcurrentStreams: number;
    /** Bytes of one request. */
    readonly maxMessageBytes: number;
  };
  readonly zmq: {
    /** `tcp://HOST:PORT` or `ipc://PATH`; empty: none. */
    readonly router: string;
    /** The PULL endpoint that all projects share; empty: none. */
    readonly pull: string;
    /** The same of PUSH. */
    readonly push: string;
    /** The same of XPUB. */
    readonly pub: string;
    /** Endpoints of one project each. */
    readonly endpoints: readonly ZmqEndpoint[];
    readonly curve: CurveFiles | null;
    /** Bytes of one frame. */
    readonly maxMessageBytes: number;
    /** Seconds that a session lives. */
    readonly sessionTtl: number;
  };
  readonly gateway: {
    /** `HOST:PORT`. */
    readonly listen: string;
    /** The core's gRPC address: `HOST:PORT` or `unix:PATH`; empty: the core that `serve` starts beside it. */
    readonly core: string;
    readonly tls: TlsFiles | null;
    /** `HOST:PORT` of the gateway's Prometheus endpoint; empty: none. */
    readonly metricsListen: string;
    /** Requests under way at once, over which 503 is answered. */
    readonly maxInFlight: number;
  };
  readonly auth: {
    readonly strategy: 'none';
    /** Listen beyond loopback although strategy `none` trusts everyone. */
    readonly allowOpenListen: boolean;
  };
  readonly commit: {
    /** Steps that share one commit at the most. */
    readonly maxSteps: number;
    /** Bytes of bodies that share one commit at the most. */
    readonly maxBytes: number;
    /** Commits under way at once at the most, where the storage commits queue by queue. */
    readonly maxConcurrent: number;
    /** Posts that wait for a commit at the most; more are refused with OVERLOADED. */
    readonly maxWaitingSteps: number;
    /** Bytes of bodies that wait at the most. */
    readonly maxWaitingBytes: number;
  };
  readonly sqlite: {
    /** Bytes kept free on the file system below which posts are refused with STORAGE_FULL. */
    readonly reserveBytes: number;
    /** Bytes preallocated for claims and deletions on a full disk. */
    readonly ballastBytes: number;
    /** `full` or `normal`; `normal` may lose acknowledged messages at a power failure, and every receipt says RELAXED. */
    readonly synchronous: 'full' | 'normal';
  };
  /** Of the MongoDB driver; times in milliseconds. */
  readonly mongodb: {
    readonly maxPoolSize: number;
    readonly timeoutMs: number;
    readonly connectTimeoutMs: number;
    readonly serverSelectionTimeoutMs: number;
    readonly waitQueueTimeoutMs: number;
    readonly heartbeatMs: number;
  };
  /** Seconds for which a producer key is remembered. */
  readonly dedupWindow: number;
  readonly limits: Limits;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  };
  readonly telemetry: {
    /** `HOST:PORT` of the Prometheus endpoint; empty: none. */
    readonly metricsListen: string;
    /** Recently used queues whose depth and oldest age are told as metrics, at the most. */
    readonly metricsQueues: number;
    /** OTLP/HTTP endpoint for traces; empty: none are sent. */
    readonly otlpEndpoint: string;
    /** Share of requests without a sampled parent that are traced, 0 to 1. */
    readonly traceRatio: number;
  };
}
