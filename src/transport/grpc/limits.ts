import type { Settings } from '../../config/settings.js';

/**
 * The limits of the gRPC door (abuse limits of the design). grpc-js leaves nearly all of them off; `listenerOptions`
 * sets each, and a test reads them back from a live server.
 */

/** Who connects: anyone, or the gateway over its own link, which bounds its callers itself. */
export type ListenerClass = 'public' | 'gateway';

/** Streams of the gateway's link: one per request that it has under way. */
const GATEWAY_STREAMS = 4_000;

const MIB = 1024 * 1024;
const MINUTE_MS = 60_000;

/** Bytes of the headers of one call, names and values. */
export const MAX_HEADER_BYTES = 16 * 1024;

/** Connections that one listener holds at once. */
export const MAX_CONNECTIONS = 4_096;

/** A connection that has not sent its HTTP/2 settings by then is closed. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** A request that is not there whole by then is reset. */
export const REQUEST_TIMEOUT_MS = 30_000;

/** Streams that a connection may reset within the window; one more closes it (CVE-2023-44487). */
export const MAX_RESETS = 200;
export const RESET_WINDOW_MS = 10_000;

/** Streams over all connections of the door: they are open for hours, and each waits for little. */
export const MAX_STREAMS = 16_384;

/** Bytes of answers that wait in one stream's connection until its client reads; above it none is made. */
export const MAX_UNSENT_BYTES = 64 * 1024;

/** How long calls in flight may take once the node drains. */
export const DRAIN_GRACE_MS = 8_000;

/** grpc-js server options, by its names. */
export interface ListenerOptions {
  readonly 'grpc.max_concurrent_streams': number;
  readonly 'grpc.max_receive_message_length': number;
  readonly 'grpc.max_send_message_length': number;
  readonly 'grpc.keepalive_time_ms': number;
  readonly 'grpc.keepalive_timeout_ms': number;
  readonly 'grpc.max_connection_idle_ms': number;
  readonly 'grpc.max_connection_age_ms'?: number;
  readonly 'grpc.max_connection_age_grace_ms'?: number;
  readonly 'grpc-node.max_session_memory': number;
  readonly 'grpc.enable_channelz': 0;
}

/** The effective options of a listener. The gateway's link is one long connection: it has no age and no idle time. */
export function listenerOptions(kind: ListenerClass, grpc: Settings['grpc']): ListenerOptions {
  const common = {
    'grpc.max_receive_message_length': grpc.maxMessageBytes,
    // A response holds 3 MiB of bodies, or one message of any size that was let in.
    'grpc.max_send_message_length': Math.max(4 * MIB, grpc.maxMessageBytes + MIB),
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.enable_channelz': 0,
  } as const;
  if (kind === 'gateway') {
    return {
      ...common,
      'grpc.max_concurrent_streams': GATEWAY_STREAMS,
      'grpc.max_connection_idle_ms': 2 ** 31 - 1,
      'grpc-node.max_session_memory': 1_024,
    };
  }
  return {
    ...common,
    'grpc.max_concurrent_streams': grpc.maxConcurrentStreams,
    'grpc.max_connection_idle_ms': 5 * MINUTE_MS,
    'grpc.max_connection_age_ms': 30 * MINUTE_MS,
    'grpc.max_connection_age_grace_ms': 30_000,
    // Megabytes: what a connection may make the node hold in streams, headers and unsent answers.
    'grpc-node.max_session_memory': 64,
  };
}
