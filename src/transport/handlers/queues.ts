import { MAX_RESPONSE_BYTES, type Limits } from '../../config/limits.js';
import type { Engine, QueueRecord } from '../../engine/api.js';
import { asBuffer, encodeQueue, encodeStats } from '../encode.js';
import { checkQueueName } from '../validate/common.js';
import { checkMetadata, readQueuePage } from '../validate/queues.js';
import type { ServiceHandlers } from './handler.js';

export function queueHandlers({ queues }: Engine, limits: Limits): ServiceHandlers<'QueueService'> {
  return {
    'marconi.v1.QueueService/CreateQueue': async (context, { queue }) => {
      checkQueueName(queue);
      return queues.create(context, queue);
    },
    'marconi.v1.QueueService/GetQueue': async (context, { queue }) => {
      checkQueueName(queue);
      return { queue: encodeQueue(await queues.find(context, queue), false) };
    },
    'marconi.v1.QueueService/ListQueues': async (context, request) => {
      const found = await queues.list(context, readQueuePage(request, limits));
      const page = request.detailed ? withinResponse(found) : found;
      return { queues: page.map((queue) => encodeQueue(queue, request.detailed)) };
    },
    'marconi.v1.QueueService/SetQueueMetadata': async (context, { queue, metadata }) => {
      checkQueueName(queue);
      checkMetadata(metadata, limits);
      await queues.setMetadata(context, queue, metadata);
      return {};
    },
    'marconi.v1.QueueService/GetQueueMetadata': async (context, { queue }) => {
      checkQueueName(queue);
      return { metadata: asBuffer((await queues.find(context, queue)).metadata) };
    },
    'marconi.v1.QueueService/GetQueueStats': async (context, { queue }) => {
      checkQueueName(queue);
      const { value, now } = await queues.stats(context, queue);
      return encodeStats(value, now);
    },
    'marconi.v1.QueueService/DeleteQueue': async (context, { queue }) => {
      checkQueueName(queue);
      return queues.delete(context, queue);
    },
  };
}

/** The first queues whose metadata fit in one response, and always one: with wider limits a page may not. */
function withinResponse(queues: readonly QueueRecord[]): readonly QueueRecord[] {
  let bytes = 0;
  const end = queues.findIndex((queue, index) => {
    bytes += queue.metadata.length;
    return index > 0 && bytes > MAX_RESPONSE_BYTES;
  });
  return end === -1 ? queues : queues.slice(0, end);
}
