import { EventEmitter, once } from 'node:events';
import type { DoorClient } from '../../support/load/door-client.js';
import { openDoor, type DoorAddresses, type Way } from '../../support/load/ways.js';

interface Life {
  readonly client: Promise<DoorClient>;
  /** Resolves with the end of the node that it leads to. */
  readonly over: Promise<null>;
  readonly end: () => void;
}

/** A client's way to a node that dies and comes again. */
export class Link {
  private life: Life | null = null;
  private readonly news = new EventEmitter().setMaxListeners(0);

  constructor(private readonly way: Way) {}

  /** The node is there. */
  open(addresses: DoorAddresses): void {
    let end = (): void => undefined;
    const over = new Promise<null>((resolve) => (end = () => resolve(null)));
    const client = openDoor(this.way, addresses);
    // Whoever waits for it is told; a node may also die before anybody does.
    client.catch(() => undefined);
    this.life = { client, over, end };
    this.news.emit('open');
  }

  /** The node is gone, or its client is. */
  close(): void {
    this.life?.end();
    this.life?.client.then((client) => client.close()).catch(() => undefined);
    this.life = null;
  }

  /** The client; waits while there is none. */
  async door(): Promise<DoorClient> {
    for (;;) {
      if (this.life === null) await once(this.news, 'open');
      const client = await Promise.race([this.life?.client, this.life?.over]);
      if (client) return client;
    }
  }
}
