import { XPublisher, type Context } from 'zeromq';
import { pubOptions } from './limits.js';
import type { CurveServerOptions } from './socket-security.js';

/** Options of libzmq that zeromq.js has no names for. */
const ZMQ_SUBSCRIBE = 6;
const ZMQ_UNSUBSCRIBE = 7;

/**
 * An XPUB in manual mode: it tells of each subscription, and nobody hears anything before it is admitted.
 *
 * libzmq applies `admit` and `dismiss` to the connection whose message was received last, and forgets that connection
 * when it takes in the end of any other one, which `send` may do. So both are called straight after `receive`, and no
 * `send` may come between.
 */
export class ManualPublisher extends XPublisher {
  constructor(context: Context, curve: CurveServerOptions) {
    super({ context, ...pubOptions(), ...curve, manual: true });
  }

  /** The sender of what was received last hears what begins with the topic. */
  admit(topic: Buffer): void {
    this.setStringOption(ZMQ_SUBSCRIBE, topic);
  }

  /** It hears that no more. */
  dismiss(topic: Buffer): void {
    this.setStringOption(ZMQ_UNSUBSCRIBE, topic);
  }
}
