import type { MongoClient } from 'mongodb';

/** The connections of a client, all servers together. */
export interface PoolFigures {
  readonly open: number;
  /** Connections that a command has now. */
  readonly inUse: number;
  /** Commands that wait for a connection. */
  readonly waiting: number;
}

/** Counts the connections of a client from what it tells of them; to be called before it connects. */
export function countConnections(client: MongoClient): () => PoolFigures {
  let [open, inUse, waiting] = [0, 0, 0];
  client
    .on('connectionCreated', () => (open += 1))
    .on('connectionClosed', () => (open -= 1))
    .on('connectionCheckOutStarted', () => (waiting += 1))
    .on('connectionCheckOutFailed', () => (waiting -= 1))
    .on('connectionCheckedOut', () => {
      waiting -= 1;
      inUse += 1;
    })
    .on('connectionCheckedIn', () => (inUse -= 1));
  return () => ({ open, inUse, waiting });
}
