import { STREAM_SILENCE_MS } from '../../config/limits.js';
import type { CallContext, Queues } from '../../engine/api.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { TopicGranted, TopicOpen } from '../../gen/marconi/v1/envelope.js';
import { encodeTick } from '../encode.js';
import { checkQueueName } from '../validate/common.js';
import { publishes, type Endpoint } from './endpoints.js';
import type { Topics } from './topics.js';

const HEARTBEAT = { seconds: BigInt(STREAM_SILENCE_MS / 1000), nanos: 0 };

/** Hands out the topics of the PUB endpoints. */
export class TopicDesk {
  constructor(
    private readonly endpoints: readonly Endpoint[],
    private readonly topics: Topics,
    private readonly queues: Pick<Queues, 'find'>,
  ) {}

  /**
   * The topic of a queue, for who may read it. Rejects with PERMISSION_DENIED where the endpoint does not publish it,
   * QUEUE_NOT_FOUND, INVALID_QUEUE_NAME and what the store may.
   */
  async open(context: CallContext, { endpoint, queue }: TopicOpen): Promise<TopicGranted> {
    checkQueueName(queue);
    const { project } = context.scope;
    const name = endpoint === '' ? 'pub' : endpoint;
    const found = this.endpoints.find((one) => one.name === name);
    // An endpoint of another project is not told from none.
    if (found === undefined || !publishes(found, { project, queue })) {
      throw new MarconiError('PERMISSION_DENIED', 'No such endpoint publishes that queue of this project.');
    }
    await this.queues.find(context, queue);
    const { text, expires } = this.topics.grant(name, { project, queue });
    return { topic: Buffer.from(text, 'latin1'), expiresAt: encodeTick(expires), heartbeat: HEARTBEAT };
  }
}
