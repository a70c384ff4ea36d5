import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ManualPublisher } from './manual-publisher.js';

/** Sends publications one after the other: zeromq.js bears one `send` at a time. */
export class Outbox {
  private line: Promise<void> = Promise.resolve();

  /** @param socket the one of the moment */
  constructor(private readonly socket: () => ManualPublisher) {}

  /** Resolves when libzmq has taken the frame for each of the topics. */
  send(topics: readonly Buffer[], frame: Uint8Array): Promise<void> {
    const sent = this.line.then(() => this.write(topics, frame));
    this.line = sent.catch(() => undefined);
    return sent;
  }

  private async write(topics: readonly Buffer[], frame: Uint8Array): Promise<void> {
    for (const topic of topics) {
      // In a turn of its own, so that it never comes between the receipt of a subscription and its admission.
      await nextTurn();
      const socket = this.socket();
      try {
        await socket.send([topic, frame]);
      } catch (error) {
        if (!socket.closed) throw error;
      }
    }
  }
}
