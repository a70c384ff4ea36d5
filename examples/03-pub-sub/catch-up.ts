/** The rule of catching up, as in docs/protocol-zmq.md: each message once, in order, whatever was lost on the way. */
import type { SubscribeResponse } from '../../src/gen/marconi/v1/delivery.js';
import { ListMessagesRequest, ListMessagesResponse, type Message } from '../../src/gen/marconi/v1/messages.js';
import type { Session } from '../zmq.js';
import { keepPosition, readPosition } from './position.js';

/** Follows a queue from where the program was before, and from now on if it never ran. */
export class Follower {
  private position = readPosition();

  constructor(
    private readonly session: Session,
    private readonly queue: string,
    private readonly handle: (message: Message) => void,
  ) {}

  async take({ messages, nextMarker }: SubscribeResponse): Promise<void> {
    if (this.position === null) this.moveTo(Number(messages[0]?.prevMarker ?? nextMarker));
    for (const { message, prevMarker } of messages) {
      await this.catchUp(Number(prevMarker));
      this.pass(message!);
    }
    await this.catchUp(Number(nextMarker));
  }

  /** The queue was deleted: one that gets its name begins anew. */
  beginAnew(): void {
    this.moveTo(0);
  }

  /** Lists what was published and did not come. */
  private async catchUp(target: number): Promise<void> {
    while (this.position! < target) {
      const request = { queue: this.queue, marker: String(this.position), limit: 20, echo: true, includeClaimed: true };
      const asked = ListMessagesRequest.encode(request).finish();
      const page = await this.session.call('marconi.v1.MessageService/ListMessages', asked);
      const { messages } = ListMessagesResponse.decode(page);
      for (const message of messages) this.pass(message);
      // What was between is gone: deleted, acknowledged or expired.
      if (messages.length === 0) this.moveTo(target);
    }
  }

  private pass(message: Message): void {
    const marker = Number(message.marker);
    if (marker <= this.position!) return;
    this.handle(message);
    this.moveTo(marker);
  }

  private moveTo(marker: number): void {
    this.position = marker;
    keepPosition(marker);
  }
}
