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

async function run({ door, target, queue, bodyBytes, ...load }: PostingLoad): Promise<LoadResult> {
  const client = door === 'grpc' ? grpcClient(target) : restClient(target);
  const body = JSON.stringify('x'.repeat(bodyBytes - 2));
  const result = await openLoop(load, async () => {
    try {
      await client.post(queue, [body]);
      return 'accepted';
    } catch (error) {
      if (!(error instanceof DoorError)) throw error;
      return `${error.status}${error.hinted ? ' with a time to try again' : ''}`;
    }
  });
  client.close();
  return result;
}

process.once('message', (load: PostingLoad) => {
  run(load)
    .then((result) => process.send?.(result, () => process.disconnect()))
    .catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
