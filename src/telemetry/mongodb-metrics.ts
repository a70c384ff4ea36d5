import { metrics } from '@opentelemetry/api';

/** The connections of a MongoDB client. */
export interface ConnectionFigures {
  readonly open: number;
  readonly inUse: number;
  /** Commands that wait for a connection. */
  readonly waiting: number;
}

/** The gauges `marconi_mongodb_connections` and `marconi_mongodb_waiting_commands`; read at each scrape. */
export function watchConnections(read: () => ConnectionFigures): void {
  const meter = metrics.getMeter('marconi');
  const connections = meter.createObservableGauge('marconi_mongodb_connections', {
    description: 'Connections to the database, by state: in_use or idle.',
  });
  const waiting = meter.createObservableGauge('marconi_mongodb_waiting_commands', {
    description: 'Commands that wait for a connection to the database.',
  });
  meter.addBatchObservableCallback(
    (result) => {
      const figures = read();
      result.observe(connections, figures.inUse, { state: 'in_use' });
      result.observe(connections, Math.max(0, figures.open - figures.inUse), { state: 'idle' });
      result.observe(waiting, figures.waiting);
    },
    [connections, waiting],
  );
}
