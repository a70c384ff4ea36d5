import { join } from 'node:path';
import { forkTs, nextMessage } from '../child/ts-child.js';
import type { LoadResult } from './open-loop.js';
import type { PostingLoad } from './poster.js';

/** Posts at a fixed rate from a process of its own, so that the load's own work delays nothing in the test. */
export async function postFromOwnProcess(load: PostingLoad): Promise<LoadResult> {
  const child = forkTs(join(__dirname, 'poster.ts'));
  child.send(load);
  return nextMessage<LoadResult>(child);
}
