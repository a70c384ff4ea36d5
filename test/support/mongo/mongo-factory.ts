import type { StorageFactory, StorageUnderTest } from '../../../src/conformance/index.js';
import { openMongo, type MongoOptions, type MongoStorage } from '../../../src/storage/drivers/mongodb/index.js';
import type { MongoServer } from './mongo-process.js';
import { freshDatabase } from './watched-storage.js';
import { WireProxy } from './wire-proxy.js';

/** How a stand-in is driven. */
export interface MongoFactoryOptions {
  readonly start: () => Promise<MongoServer>;
  /** Options of the driver that the stand-in needs. */
  readonly tuning?: Partial<MongoOptions>;
  /** Crashes: the core alone is cut off, or the server is killed too, which must keep its data. */
  readonly crash?: 'core' | 'core and server';
}

/** Makes storages for the conformance suite, each in a database of its own; `stop` ends the server that they share. */
export function mongoFactory(options: MongoFactoryOptions): StorageFactory & { stop(): Promise<void> } {
  let shared: Promise<MongoServer> | null = null;

  async function create(): Promise<StorageUnderTest> {
    const server = await (shared ??= options.start());
    const made = new MongoUnderTest(server, options);
    const storage = await made.open();
    return {
      storage,
      reopen: () => made.reopen(),
      second: () => made.connect(),
      ...(options.crash === undefined ? {} : { crash: () => made.crash() }),
      dispose: () => made.dispose(),
    };
  }

  return { create, stop: async () => void (await (await shared)?.stop()) };
}

/** One database, and the storages that are open on it. */
class MongoUnderTest {
  private readonly database = freshDatabase();
  private readonly opened: MongoStorage[] = [];
  private readonly proxies: WireProxy[] = [];

  constructor(
    private readonly server: MongoServer,
    private readonly options: MongoFactoryOptions,
  ) {}

  /** A storage that whoever asked for it closes. */
  async connect(): Promise<MongoStorage> {
    const uri = this.options.crash === undefined ? this.server.uri : await this.proxied();
    return openMongo({ uri, database: this.database, ...this.options.tuning });
  }

  async open(): Promise<MongoStorage> {
    const storage = await this.connect();
    this.opened.push(storage);
    return storage;
  }

  async reopen(): Promise<MongoStorage> {
    await this.opened.pop()?.close();
    return this.open();
  }

  /** What the core has under way breaks off: nothing of it comes to the server any more, and no answer to the core. */
  async crash(): Promise<MongoStorage> {
    await this.proxies.at(-1)?.cut();
    if (this.options.crash === 'core and server') await this.server.restart();
    return this.open();
  }

  async dispose(): Promise<void> {
    await Promise.all(this.opened.map((storage) => storage.close()));
    await Promise.all(this.proxies.map((proxy) => proxy.close()));
  }

  private async proxied(): Promise<string> {
    const proxy = await WireProxy.open(Number(new URL(this.server.uri).port));
    this.proxies.push(proxy);
    return proxy.uri;
  }
}
