import { parentPort, workerData } from 'node:worker_threads';
import { pack } from './arena.js';
import { sendError, type Call, type FromThread, type Reply, type ThreadData, type ToThread } from './protocol.js';
import { createService, ROUND_PAUSE_MS, type Service } from './services.js';

/** The shell of a thread: opens its role, answers calls, and runs its rounds between them. */
const { role, options } = workerData as ThreadData;

function send(message: FromThread, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function answer(service: Service, { id, method, args }: Call): Reply {
  try {
    const call = (service.target as Record<string, (...args: readonly unknown[]) => unknown>)[method];
    return { id, value: call?.apply(service.target, args as unknown[]) };
  } catch (error) {
    return { id, error: sendError(error) };
  }
}

function serve(service: Service): void {
  const { round } = service;
  const rounds = round && setInterval(round, ROUND_PAUSE_MS);
  parentPort?.on('message', (message: ToThread) => {
    if (message.kind === 'calls') {
      const { value, transfer } = pack(message.calls.map((call) => answer(service, call)));
      send({ kind: 'replies', replies: value }, transfer);
      return;
    }
    if (rounds) clearInterval(rounds);
    service.close();
    parentPort?.close();
  });
  send({ kind: 'open' });
}

try {
  serve(createService(role, options));
} catch (error) {
  send({ kind: 'refused', error: sendError(error) });
}
