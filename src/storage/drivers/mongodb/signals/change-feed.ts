import { MongoServerError, type ChangeStream, type Collection } from 'mongodb';
import type { HeadDoc } from '../documents.js';
import { inTime } from '../in-time.js';
import type { Interests } from './interests.js';

/** Milliseconds for which one question to the server waits for news. */
const AWAIT_MS = 500;

/** Codes of servers that have no change streams: CommandNotSupported, Location40573, NotImplemented, unknown stage. */
const UNSUPPORTED = [115, 40_573, 238, 40_324, 168, 16_436];

/** Posts that are placed, releases and fences change a head otherwise than by `next`: that alone is a post on its way. */
const NEWS = [
  {
    $match: {
      operationType: { $in: ['update', 'replace'] },
      'updateDescription.updatedFields.next': { $exists: false },
    },
  },
  { $project: { documentKey: 1 } },
];

/** Hears of changes by a change stream on the heads: one for the whole process. */
export class ChangeFeed {
  constructor(
    private readonly heads: Collection<HeadDoc>,
    private readonly interests: Interests,
    private readonly limitMs: number,
  ) {}

  /** Tells of changes until `wanted` says no. Rejects when the stream breaks or the server has none. */
  async follow(wanted: () => boolean): Promise<void> {
    const stream = this.heads.watch(NEWS, { maxAwaitTimeMS: AWAIT_MS });
    try {
      await this.hear(stream);
      // What changed before the stream began was not heard.
      this.interests.tellAll();
      while (wanted()) await this.hear(stream);
    } finally {
      await stream.close();
    }
  }

  private async hear(stream: ChangeStream<HeadDoc>): Promise<void> {
    this.tell(await inTime(this.limitMs, () => stream.tryNext()));
  }

  private tell(event: Awaited<ReturnType<ChangeStream<HeadDoc>['tryNext']>>): void {
    if (event !== null && 'documentKey' in event) this.interests.tell(event.documentKey._id);
  }
}

/** True when the error says that the server has no change streams, and will not have them. */
export function hasNoChangeStreams(error: unknown): boolean {
  return error instanceof MongoServerError && UNSUPPORTED.includes(Number(error.code));
}
