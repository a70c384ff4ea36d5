import { rowOf, STREAM_METHODS, UNARY_METHODS, type StreamMethod, type UnaryMethod } from '../dispatch.js';
import type { StreamHandlers } from '../streams/session.js';
import type { Handlers } from '../handlers/handler.js';
import type { Route } from './listener.js';
import { streaming, type StreamParts } from './streaming.js';
import { servedMethod, type UnaryParts } from '../unary.js';
import { unary } from './unary.js';

const offered = (method: UnaryMethod | StreamMethod): boolean => rowOf(method).doors.includes('grpc');

/** Every method that the door offers, with all that is around its handler. */
export function routesOf(
  parts: UnaryParts & StreamParts,
  handlers: Handlers,
  streamHandlers: StreamHandlers,
): readonly Route[] {
  const calls = UNARY_METHODS.filter(offered).map((method): Route => {
    return {
      path: rowOf(method).path,
      kind: 'unary',
      serve: unary(servedMethod(parts, method, handlers[method]), parts.auth),
    };
  });
  const streams = STREAM_METHODS.filter(offered).map((method): Route => {
    const { path, kind } = rowOf(method);
    const { serveOne, serveMany } = streaming(parts, method, streamHandlers[method]);
    return kind === 'server_streaming'
      ? { path, kind: 'serverStream', serve: serveOne }
      : { path, kind: 'bidi', serve: serveMany };
  });
  return [...calls, ...streams];
}
