import { rowOf, STREAM_METHODS, UNARY_METHODS, type StreamMethod, type UnaryMethod } from '../dispatch.js';
import type { StreamHandlers } from '../streams/session.js';
import type { Handlers } from './handlers/handler.js';
import type { Route } from './listener.js';
import { streaming, type StreamParts } from './streaming.js';
import { unary, type UnaryParts } from './unary.js';

const offered = (method: UnaryMethod | StreamMethod): boolean => rowOf(method).doors.includes('grpc');

/** Every method that the door offers, with all that is around its handler. */
export function routesOf(
  parts: UnaryParts & StreamParts,
  handlers: Handlers,
  streamHandlers: StreamHandlers,
): readonly Route[] {
  const calls = UNARY_METHODS.filter(offered).map((method): Route => {
    return { path: rowOf(method).path, kind: 'unary', serve: unary(parts, method, handlers[method]) };
  });
  const streams = STREAM_METHODS.filter(offered).map((method): Route => {
    const { path, kind } = rowOf(method);
    const serve = streaming(parts, method, streamHandlers[method]);
    return { path, kind: kind === 'server_streaming' ? 'serverStream' : 'bidi', serve };
  });
  return [...calls, ...streams];
}
