import type { Limits } from '../../config/limits.js';
import type { Engine } from '../../engine/api.js';
import { readClientId } from '../validate/common.js';
import { ConsumeSession } from './consume.js';
import { PublishSession } from './publish.js';
import type { StreamHandlers } from './session.js';
import { SubscribeSession } from './subscribe.js';

/** The streams of the contract, whatever the door. */
export function streamHandlers(engine: Pick<Engine, 'delivery'>, limits: Limits): StreamHandlers {
  return {
    'marconi.v1.MessageService/Publish': (context, outlet, metadata) =>
      new PublishSession(engine, outlet, { context, poster: readClientId(metadata), limits }),
    'marconi.v1.DeliveryService/Consume': (context, outlet) => new ConsumeSession(engine, outlet, { context, limits }),
    'marconi.v1.DeliveryService/Subscribe': (context, outlet, metadata) =>
      new SubscribeSession(engine, outlet, { context, caller: readClientId(metadata) }),
  };
}
