import { DEFAULT_LIMITS } from '../../src/config/limits.js';
import { OPTIONS } from '../../src/config/index.js';
import { openMemory } from '../../src/storage/drivers/memory/index.js';
import { openSqlite } from '../../src/storage/drivers/sqlite/index.js';
import type { Storage } from '../../src/storage/ports/index.js';
import { createLogger } from '../../src/telemetry/log.js';
import { createGrpcServer } from '../../src/transport/grpc/server.js';
import { BENCH_CALL, benchEngine } from '../support/engine.js';

/** A whole core with default limits over the storage of the first argument: `memory`, or a file for SQLite. */
async function serve(target: string): Promise<void> {
  const engine = benchEngine(await open(target));
  await engine.queues.create(BENCH_CALL, 'bench');
  const grpc = {
    listen: '127.0.0.1:0',
    gatewayListen: '',
    tls: null,
    maxConcurrentStreams: OPTIONS['grpc.maxConcurrentStreams'].default,
    maxMessageBytes: OPTIONS['grpc.maxMessageBytes'].default,
  };
  const settings = { grpc, auth: { strategy: 'none', allowOpenListen: false }, limits: DEFAULT_LIMITS } as const;
  const log = createLogger({ level: 'warn', part: 'bench' });
  const server = createGrpcServer(engine, settings, { log, version: 'bench' });
  process.stdout.write(`${(await server.start()).public}\n`);
}

async function open(target: string): Promise<Storage> {
  if (target === 'memory') return openMemory();
  return openSqlite({
    path: target,
    synchronous: 'full',
    reserveBytes: OPTIONS['sqlite.reserveBytes'].default,
    ballastBytes: OPTIONS['sqlite.ballastBytes'].default,
  });
}

void serve(process.argv[2] ?? 'memory');
