import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_LIMITS, type Limits } from '../../src/config/limits.js';
import type { Engine } from '../../src/engine/api.js';
import type { Storage } from '../../src/storage/ports/index.js';
import { openSqlite } from '../../src/storage/drivers/sqlite/index.js';
import { createLogger } from '../../src/telemetry/log.js';
import { inFlightByClass } from '../../src/transport/in-flight.js';
import { createGrpcServer, type GrpcServer, type GrpcServerSettings } from '../../src/transport/grpc/server.js';
import type { LimitClass } from '../../src/transport/dispatch.js';
import { testEngine } from './engine.js';

/** A door of its own, over a real engine and storage. */
export interface Door {
  readonly address: string;
  readonly gatewayAddress: string | null;
  readonly engine: Engine;
  readonly server: GrpcServer;
  /** A folder that ends with the door. */
  readonly folder: string;
  /** Log lines, parsed. */
  readonly lines: Record<string, unknown>[];
  close(): Promise<void>;
}

export interface DoorOptions {
  readonly grpc?: Partial<GrpcServerSettings['grpc']>;
  readonly limits?: Partial<Limits>;
  readonly inFlight?: Partial<Record<LimitClass, number>>;
  /** Also a link for the gateway. */
  readonly withGateway?: boolean;
  /** Replaces the engine's storage. */
  readonly storage?: (folder: string) => Promise<Storage> | Storage;
  /** Stands between the door and the engine. */
  readonly wrap?: (engine: Engine) => Engine;
}

/** SQLite at full durability in the door's folder. */
function openTestSqlite(folder: string): Promise<Storage> {
  const path = join(folder, 'marconi.db');
  return openSqlite({ path, synchronous: 'full', reserveBytes: 0, ballastBytes: 0 });
}

const GENEROUS = { intake: 10_000, drain: 10_000, read: 10_000, control: Infinity };

export async function startDoor(options: DoorOptions = {}): Promise<Door> {
  const folder = mkdtempSync(join(tmpdir(), 'marconi-grpc-'));
  const storage = await (options.storage?.(folder) ?? openTestSqlite(folder));
  const engine = testEngine(storage);
  const lines: Record<string, unknown>[] = [];
  const log = createLogger({
    level: 'info',
    part: 'test',
    destination: { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  });
  const settings: GrpcServerSettings = {
    grpc: {
      listen: '127.0.0.1:0',
      gatewayListen: options.withGateway ? `unix:${join(folder, 'gateway.sock')}` : '',
      tls: null,
      maxConcurrentStreams: 100,
      maxMessageBytes: 1024 * 1024,
      ...options.grpc,
    },
    auth: { strategy: 'none', allowOpenListen: false },
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  };
  const served = options.wrap?.(engine) ?? engine;
  const inFlight = inFlightByClass({ ...GENEROUS, ...options.inFlight });
  const server = createGrpcServer(served, settings, { log, version: '9.8.7', inFlight });
  const close = async (): Promise<void> => {
    server.stop();
    await engine.drain();
    await storage.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const addresses = await server.start().catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    address: addresses.public,
    gatewayAddress: addresses.gateway,
    engine,
    server,
    folder,
    lines,
    close,
  };
}
