import type { RunningMarconi } from '../server.js';
import type { DoorClient } from './door-client.js';
import { grpcClient } from './grpc-client.js';
import { restClient } from './rest-client.js';
import { streamClient } from './stream-client.js';
import { zmqClient, type ZmqAddresses } from './zmq-client.js';

/** Single calls through each door, streams, and ZeroMQ with its pipelines. */
export const WAYS = ['grpc', 'rest', 'stream', 'zmq'] as const;
/** One of them. */
export type Way = (typeof WAYS)[number];

/** Where the doors of a node are. */
export interface DoorAddresses {
  readonly grpc: string;
  readonly rest: string;
  readonly zmq: ZmqAddresses;
}

/** The domain of the PUSH endpoint that the way over ZeroMQ takes its work from. */
const WORK = 'work';
/** Seconds that claims live, its own too: the least, so that others get what a worker was killed over. */
export const CLAIM_TTL = 60;

/** The flag of a node that all ways lead to. */
export const WAYS_FLAG = `--zmq-endpoints=${JSON.stringify([
  { role: 'push', listen: 'tcp://127.0.0.1:0', project: null, domain: WORK, ttl: CLAIM_TTL },
])}`;

/** The addresses of a node with that flag. */
export function addressesOf(node: RunningMarconi): DoorAddresses {
  const push = { address: node.zmqAddress(WORK), domain: WORK };
  return {
    grpc: node.grpcAddress,
    rest: node.restUrl,
    zmq: { router: node.zmqAddress('router'), pull: node.zmqAddress('pull'), push },
  };
}

/** A client that goes one way. */
export async function openDoor(way: Way, { grpc, rest, zmq }: DoorAddresses): Promise<DoorClient> {
  switch (way) {
    case 'grpc':
      return grpcClient(grpc);
    case 'rest':
      return restClient(rest);
    case 'stream':
      return streamClient(grpc);
    case 'zmq':
      return zmqClient(zmq);
  }
}
