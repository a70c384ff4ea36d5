import { metrics, type Attributes, type Histogram } from '@opentelemetry/api';

/** The doors that count their calls. */
export type Door = 'grpc' | 'rest' | 'zmq';

/** Counts the calls of one door. Made after the meter provider is set; costs nothing worth naming when it is not. */
export interface CallMetrics {
  /** A call came in. */
  started(): void;
  /**
   * A call that came in is over.
   * @param method the contract's method for gRPC and ZeroMQ (`PostMessages`), the operation for REST (`post-messages`): a closed set
   * @param reason `OK`, or the reason for which it failed
   * @param seconds from the first to the last byte
   */
  finished(method: string, reason: string, seconds: number): void;
}

/** Upper bounds of the latency buckets, in seconds. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The outcomes of one method; its attributes are made once. */
interface MethodRow {
  readonly attributes: Attributes;
  readonly byReason: Map<string, number>;
}

/** The call instruments of a door: `marconi_calls_total`, `marconi_call_duration_seconds`, `marconi_calls_in_flight`. */
export function callMetrics(door: Door): CallMetrics {
  const meter = metrics.getMeter('marconi');
  const durations: Histogram = meter.createHistogram('marconi_call_duration_seconds', {
    description: 'Time that a call took, by door and method.',
    unit: 's',
    advice: { explicitBucketBoundaries: LATENCY_BUCKETS },
  });
  const rows = new Map<string, MethodRow>();
  let inFlight = 0;

  meter
    .createObservableCounter('marconi_calls', { description: 'Calls answered, by door, method and reason.' })
    .addCallback((result) => {
      for (const [method, row] of rows) {
        for (const [reason, count] of row.byReason) result.observe(count, { door, method, reason });
      }
    });
  meter
    .createObservableUpDownCounter('marconi_calls_in_flight', { description: 'Calls under way, by door.' })
    .addCallback((result) => result.observe(inFlight, { door }));

  const rowOf = (method: string): MethodRow => {
    const known = rows.get(method);
    if (known !== undefined) return known;
    const row = { attributes: { door, method }, byReason: new Map<string, number>() };
    rows.set(method, row);
    return row;
  };

  return {
    started() {
      inFlight += 1;
    },
    finished(method, reason, seconds) {
      inFlight -= 1;
      const row = rowOf(method);
      row.byReason.set(reason, (row.byReason.get(reason) ?? 0) + 1);
      durations.record(seconds, row.attributes);
    },
  };
}
