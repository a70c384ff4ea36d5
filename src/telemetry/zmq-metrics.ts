import { metrics } from '@opentelemetry/api';

/** What the ZeroMQ door counts beside its calls. */
export interface ZmqMetrics {
  /** A frame was refused or thrown away before it was a call. @param socket `router` or the endpoint's domain */
  frameRefused(socket: string, cause: string): void;
  /** Answers or receipts were given up. */
  answersDropped(cause: string, count: number): void;
  /** A connection was refused. */
  connectionRefused(socket: string, cause: string): void;
}

/** The instruments of the ZeroMQ door; the number of sessions is read at each scrape. */
export function zmqMetrics(sessions: () => number): ZmqMetrics {
  const meter = metrics.getMeter('marconi');
  const frames = meter.createCounter('marconi_zmq_refused_frames', {
    description: 'Frames refused before they were calls, by socket and cause.',
  });
  const answers = meter.createCounter('marconi_zmq_dropped_answers', {
    description: 'Answers and receipts given up, by cause.',
  });
  const connections = meter.createCounter('marconi_zmq_refused_connections', {
    description: 'Connections refused, by socket and cause.',
  });
  meter
    .createObservableGauge('marconi_zmq_sessions', { description: 'Sessions of the ZeroMQ router.' })
    .addCallback((result) => result.observe(sessions()));
  return {
    frameRefused: (socket, cause) => frames.add(1, { socket, cause }),
    answersDropped: (cause, count) => answers.add(count, { cause }),
    connectionRefused: (socket, cause) => connections.add(1, { socket, cause }),
  };
}
