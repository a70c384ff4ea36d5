import { metrics } from '@opentelemetry/api';

/** What the ZeroMQ door counts beside its calls. */
export interface ZmqMetrics {
  /** A frame was refused or thrown away before it was a call. @param socket `router` or the endpoint's domain */
  frameRefused(socket: string, cause: string): void;
  /** Answers or receipts were given up. */
  answersDropped(cause: string, count: number): void;
  /** A delivery that no worker of the endpoint took went back to its queue. */
  deliveryReturned(socket: string): void;
  /** A connection was refused. */
  connectionRefused(socket: string, cause: string): void;
}

/** The instruments of the ZeroMQ door; sessions, and workers by endpoint, are counted at each scrape. */
export function zmqMetrics(sessions: () => number, workers: () => Iterable<readonly [string, number]>): ZmqMetrics {
  const meter = metrics.getMeter('marconi');
  const frames = meter.createCounter('marconi_zmq_refused_frames', {
    description: 'Frames refused before they were calls, by socket and cause.',
  });
  const answers = meter.createCounter('marconi_zmq_dropped_answers', {
    description: 'Answers and receipts given up, by cause.',
  });
  const returned = meter.createCounter('marconi_zmq_returned_deliveries', {
    description: 'Deliveries that no worker took, by PUSH endpoint.',
  });
  const connections = meter.createCounter('marconi_zmq_refused_connections', {
    description: 'Connections refused, by socket and cause.',
  });
  meter
    .createObservableGauge('marconi_zmq_sessions', { description: 'Sessions of the ZeroMQ router.' })
    .addCallback((result) => result.observe(sessions()));
  meter
    .createObservableGauge('marconi_zmq_workers', { description: 'Live workers, by PUSH endpoint.' })
    .addCallback((result) => {
      for (const [socket, count] of workers()) result.observe(count, { socket });
    });
  return {
    frameRefused: (socket, cause) => frames.add(1, { socket, cause }),
    answersDropped: (cause, count) => answers.add(count, { cause }),
    deliveryReturned: (socket) => returned.add(1, { socket }),
    connectionRefused: (socket, cause) => connections.add(1, { socket, cause }),
  };
}
