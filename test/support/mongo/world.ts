import { MongoClient, type Db } from 'mongodb';
import type { QueueAccess } from '../history/index.js';
import { overDoor } from '../load/door-access.js';
import type { DoorClient } from '../load/door-client.js';
import { Cores } from './cores.js';
import { startMongoJavaServer } from './mongo-java-server.js';
import type { Stage } from './scene.js';
import { freshDatabase } from './watched-storage.js';
import { WireProxy } from './wire-proxy.js';

/** The core whose commands pass through the proxy, and those that reach the database straight. */
export const WATCHED = 0;
export const OTHERS = [1, 2] as const;

/** Posts, claims and lists of each core before anything is measured: servers are slow at first. */
const WARMING = 40;

/** The incarnation of a queue by its name, past all cores; null when there is no such queue. */
export async function uidOf(db: Db, name: string): Promise<string | null> {
  const queue = await db.collection<{ name: string; uid: string }>('queues').findOne({ name });
  return queue?.uid ?? null;
}

/** Three cores on one database, the first of them behind a proxy. */
export class World implements Stage {
  private constructor(
    readonly cores: Cores,
    readonly proxy: WireProxy,
    /** The database, past all cores. */
    readonly db: Db,
    private readonly release: () => Promise<void>,
  ) {}

  static async open(): Promise<World> {
    const server = await startMongoJavaServer({ backend: 'memory' });
    const database = freshDatabase();
    const client = await new MongoClient(server.uri).connect();
    const proxy = await WireProxy.open(Number(new URL(server.uri).port));
    const uris = [proxy.uri, ...OTHERS.map(() => server.uri)];
    const cores = await Cores.start(uris.map((uri) => `${uri}${database}`));
    const world = new World(cores, proxy, client.db(database), async () => {
      await client.close();
      await server.stop();
    });
    await Promise.all([WATCHED, ...OTHERS].map((at) => world.warm(at)));
    return world;
  }

  async create(queue: string): Promise<void> {
    await (await this.cores.door(OTHERS[0])).createQueue(queue);
  }

  through(core: number, queue: string): QueueAccess {
    const door = (): Promise<DoorClient> =>
      core === WATCHED ? Promise.resolve(this.cores.core(core).door) : this.cores.door(core);
    return overDoor(queue, door);
  }

  uidOf(queue: string): Promise<string | null> {
    return uidOf(this.db, queue);
  }

  private async warm(at: number): Promise<void> {
    const queue = `warm-${at}`;
    const { door } = this.cores.core(at);
    await door.createQueue(queue);
    for (let times = 0; times < WARMING; times++) {
      await door.post(queue, ['1', '2']);
      const claim = await door.claim(queue, 1, 60);
      const ids = claim?.messages.map(({ id }) => id) ?? [];
      await door.remove(queue, ids, claim?.id ?? '');
      await door.list(queue, '', 20);
    }
  }

  async close(): Promise<void> {
    await this.cores.stop();
    await this.proxy.close();
    await this.release();
  }
}
