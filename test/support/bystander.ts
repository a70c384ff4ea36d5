import { setTimeout as sleep } from 'node:timers/promises';
import type { ZmqClient } from './zmq-client.js';

const PAUSE_MS = 5;

/** A good client that posts all the while, one post after another. */
export class Bystander {
  private isOver = false;
  private posted = 0;
  private slowestMs = 0;
  private readonly failures: Error[] = [];
  private readonly whole: Promise<void>;

  private constructor(
    private readonly client: ZmqClient,
    private readonly queue: string,
  ) {
    this.whole = this.run();
  }

  static async start(client: ZmqClient, queue: string): Promise<Bystander> {
    await client.call('marconi.v1.QueueService/CreateQueue', { queue });
    return new Bystander(client, queue);
  }

  /** Stops, and tells how it went; `stored` is what the queue holds then. */
  async stop(): Promise<{ posted: number; stored: number; failures: readonly Error[]; slowestMs: number }> {
    this.isOver = true;
    await this.whole;
    const stats = await this.client.call('marconi.v1.QueueService/GetQueueStats', { queue: this.queue });
    const { posted, failures, slowestMs } = this;
    return { posted, stored: Number(stats.total), failures, slowestMs };
  }

  private async run(): Promise<void> {
    const message = { body: Buffer.from('{"by":"standing"}'), contentType: '', ttlSeconds: 3_600 };
    while (!this.isOver) {
      const started = performance.now();
      const post = this.client.call('marconi.v1.MessageService/PostMessages', {
        queue: this.queue,
        messages: [message],
      });
      await post.then(
        () => this.posted++,
        (error: Error) => this.failures.push(error),
      );
      this.slowestMs = Math.max(this.slowestMs, performance.now() - started);
      await sleep(PAUSE_MS);
    }
  }
}
