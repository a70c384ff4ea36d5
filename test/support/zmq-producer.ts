import { Push } from 'zeromq';
import { EnvelopeKind, PullPublish, type Envelope } from '../../src/gen/marconi/v1/envelope.js';
import { PostMessagesRequest } from '../../src/gen/marconi/v1/messages.js';
import { envelopeBytes, type ClientCurve } from './zmq-client.js';

/** Posts through a PULL endpoint; its receipts come to a `ZmqClient`. */
export class ZmqProducer {
  readonly socket: Push;

  constructor(
    address: string,
    readonly producerId: string,
    curve?: ClientCurve,
  ) {
    const keys =
      curve === undefined
        ? {}
        : { curvePublicKey: curve.publicKey, curveSecretKey: curve.secretKey, curveServerKey: curve.serverKey };
    this.socket = new Push({ linger: 0, sendTimeout: 5_000, reconnectInterval: 20, ...keys });
    this.socket.connect(address);
  }

  /** Sends one post. */
  publish(queue: string, sequence: bigint, bodies: readonly unknown[], more: Partial<Envelope> = {}): Promise<void> {
    const messages = bodies.map((body) => ({
      body: Buffer.from(JSON.stringify(body)),
      contentType: '',
      ttlSeconds: 300,
    }));
    return this.post({ queue, messages, producerId: this.producerId, producerSequence: sequence }, more);
  }

  /** Sends a post as it is. */
  async post(post: Partial<PostMessagesRequest>, more: Partial<Envelope> = {}): Promise<void> {
    const payload = PullPublish.encode({ post: PostMessagesRequest.fromPartial(post as never) }).finish();
    const kind = EnvelopeKind.ENVELOPE_KIND_PULL_PUBLISH;
    await this.socket.send(envelopeBytes({ version: 1, kind, payload: Buffer.from(payload), ...more }));
  }

  close(): void {
    this.socket.close();
  }
}
