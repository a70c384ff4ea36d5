import { integer } from './option.js';

const milliseconds = (least: number, most: number, fallback: number, reason: string) =>
  integer(least, most, { default: fallback, unit: 'ms', reason });

/** How the MongoDB driver keeps its connections, and how long it waits for what. */
export const MONGODB_OPTIONS = {
  'mongodb.maxPoolSize': integer(2, 1_000, {
    default: 64,
    unit: 'connections',
    reason: 'Connections to a server, and so commands at once; one more core adds as many.',
  }),
  'mongodb.timeoutMs': milliseconds(
    1_000,
    300_000,
    10_000,
    'For a command to be answered; half of it for a majority to confirm.',
  ),
  'mongodb.connectTimeoutMs': milliseconds(500, 60_000, 2_000, 'For a connection to be made, and for one heartbeat.'),
  'mongodb.serverSelectionTimeoutMs': milliseconds(
    1_000,
    60_000,
    5_000,
    'For a primary to be found; an election is mostly over by then, and callers try again.',
  ),
  'mongodb.waitQueueTimeoutMs': milliseconds(
    100,
    60_000,
    5_000,
    'For a connection to come free, else OVERLOADED; above heartbeat and connecting, so that an outage is told as one.',
  ),
  'mongodb.heartbeatMs': milliseconds(
    500,
    60_000,
    2_000,
    'Between heartbeats to each server: an outage is noticed, and over, within about two.',
  ),
};
