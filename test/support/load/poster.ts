import { constants, setPriority } from 'node:os';
import { DoorError, type DoorClient } from './door-client.js';
import { grpcClient } from './grpc-client.js';
import { openLoop, type Load, type LoadResult } from './open-loop.js';
import { restClient } from './rest-client.js';

/** What a posting process is told: where to post what, and how much. */
export interface PostingLoad extends Load {
  readonly door: DoorClient['door'];
  /** The REST URL or the gRPC address. */
  readonly target: string;
  readonly queue: string;
  readonly bodyBytes: number;
}

/** Calls that one gRPC connection carries at once: what the service allows; more would wait in the client. */
const STREAMS = 100;

/** A REST client opens a connection for each request under way; of gRPC clients there are as many as it takes. */
function clientsFor({ door, target, maxInFlight }: PostingLoad): readonly DoorClient[] {
  if (door === 'rest') return [restClient(target)];
  return Array.from({ length: Math.ceil(maxInFlight / STREAMS) }, () => grpcClient(target));
}

async function run(posting: PostingLoad): Promise<LoadResult> {
  const { queue, bodyBytes, ...load } = posting;
  const clients = clientsFor(posting);
  const body = JSON.stringify('x'.repeat(bodyBytes - 2));
  let turn = 0;
  const result = await openLoop(load, async () => {
    const client = clients[turn++ % clients.length] as DoorClient;
    try {
      await client.post(queue, [body]);
      return 'accepted';
    } catch (error) {
      if (!(error instanceof DoorError)) throw error;
      return `${error.status}${error.hinted ? ' with a time to try again' : ''}`;
    }
  });
  for (const client of clients) client.close();
  return result;
}

// The load shares the machine with what it loads, and is not to take the processor from it.
setPriority(constants.priority.PRIORITY_LOW);

process.once('message', (load: PostingLoad) => {
  run(load)
    .then((result) => process.send?.(result, () => process.disconnect()))
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
