import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../wait.js';
import type { RunningMarconi } from '../server.js';
import { type Caller, type Door, type DoorName } from './door.js';
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
  const reasons = new RequestReasons(server);
  const rest = new RestLink(server.restUrl, (id) => reasons.of(id));
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

/** The reasons of requests by the gateway's log, which is read once for all who look at one time. */
class RequestReasons {
  private known = new Map<unknown, unknown>();
  private reading: Promise<void> | undefined;

  constructor(private readonly server: RunningMarconi) {}

  of(requestId: string): Promise<string> {
    return waitFor('the line of the request', async () => {
      await (this.reading ??= this.read());
      return this.known.get(requestId) as string | undefined;
    });
  }

  private async read(): Promise<void> {
    await sleep(5);
    const lines = this.server.logs().filter(({ msg }) => msg === 'request');
    this.known = new Map(lines.map(({ requestId, reason }) => [requestId, reason]));
    this.reading = undefined;
  }
}
