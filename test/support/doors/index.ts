import { waitFor } from '../wait.js';
import type { RunningMarconi } from '../server.js';
import { DOORS, type Caller, type Door, type DoorName } from './door.js';
import { grpcDoor, GrpcLink } from './grpc-door.js';
import { RestDoor, RestLink } from './rest-door.js';
import { StreamsDoor, StreamsLink } from './streams-door.js';
import { PullDoor, zmqDoor, ZmqLink } from './zmq-door.js';

export * from './door.js';

/** All doors of one server, which must log at level debug. */
export interface Doors {
  open(name: DoorName, caller: Caller): Door;
  close(): void;
}

/** Connects to all doors of a server. */
export async function openDoors(server: RunningMarconi): Promise<Doors> {
  const rest = new RestLink(server.restUrl, (id) =>
    waitFor('the line of the request', () => reasonIn(server, id), { every: 2 }),
  );
  const grpc = new GrpcLink(server.grpcAddress);
  const streams = new StreamsLink(server.grpcAddress);
  const zmq = await ZmqLink.open(server.zmqAddress('router'), server.zmqAddress('pull'));
  const opened: Record<DoorName, (caller: Caller) => Door> = {
    REST: (caller) => new RestDoor(rest, caller),
    gRPC: (caller) => grpcDoor(grpc, caller),
    'gRPC streams': (caller) => new StreamsDoor(streams, caller),
    ZeroMQ: (caller) => zmqDoor(zmq, caller),
    'ZeroMQ PULL': (caller) => new PullDoor(zmq, caller),
  };
  return {
    open: (name, caller) => opened[name](caller),
    close: () => [grpc, streams, zmq].forEach((link) => link.close()),
  };
}

function reasonIn(server: RunningMarconi, requestId: string): string | undefined {
  const line = server.logs().find((one) => one['requestId'] === requestId && one['msg'] === 'request');
  return line?.['reason'] as string | undefined;
}

export { DOORS };
