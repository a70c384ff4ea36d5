import type { Limits } from '../../config/limits.js';
import { formatMarker } from '../../domain/marker.js';
import type { Engine } from '../../engine/api.js';
import { encodeMessage, encodeMessages, encodeReceipt } from '../encode.js';
import { checkIds, checkQueueName, readClientId } from '../validate/common.js';
import { readListing, readPopLimit, readPost } from '../validate/messages.js';
import type { ServiceHandlers } from './handler.js';

export function messageHandlers({ messages }: Engine, limits: Limits): ServiceHandlers<'MessageService'> {
  return {
    'marconi.v1.MessageService/PostMessages': async (context, request, metadata) => {
      checkQueueName(request.queue);
      const receipt = await messages.post(context, request.queue, readPost(request, readClientId(metadata), limits));
      return encodeReceipt(receipt);
    },
    'marconi.v1.MessageService/ListMessages': async (context, request, metadata) => {
      checkQueueName(request.queue);
      const listing = readListing(request, readClientId(metadata), limits);
      const { value, now } = await messages.list(context, request.queue, listing);
      const last = value.at(-1);
      return {
        messages: encodeMessages(value, now),
        nextMarker: last === undefined ? request.marker : formatMarker(last.marker),
      };
    },
    'marconi.v1.MessageService/GetMessage': async (context, { queue, id }) => {
      checkQueueName(queue);
      const { value, now } = await messages.get(context, queue, id);
      return { message: encodeMessage(value, now) };
    },
    'marconi.v1.MessageService/GetMessages': async (context, { queue, ids }) => {
      checkQueueName(queue);
      checkIds(ids, limits.maxMessagesPerPage);
      const { value, omitted, now } = await messages.getMany(context, queue, ids);
      return { messages: encodeMessages(value, now), omittedIds: [...omitted] };
    },
    'marconi.v1.MessageService/DeleteMessage': async (context, { queue, id, claimId }) => {
      checkQueueName(queue);
      return messages.delete(context, queue, id, claimId ?? null);
    },
    'marconi.v1.MessageService/DeleteMessages': async (context, { queue, ids }) => {
      checkQueueName(queue);
      checkIds(ids, limits.maxMessagesPerPage);
      return messages.deleteMany(context, queue, ids);
    },
    'marconi.v1.MessageService/PopMessages': async (context, request) => {
      checkQueueName(request.queue);
      const { value, now } = await messages.pop(context, request.queue, readPopLimit(request, limits));
      return { messages: encodeMessages(value, now) };
    },
  };
}
