import { Worker } from 'node:worker_threads';
import { MarconiError } from '../../../../errors/marconi-error.js';
import type { FileOptions } from '../options.js';
import { pack } from './arena.js';
import type { ArgsOf, Lane, MethodOf, ResultOf } from './lane.js';
import { receiveError, type Call, type FromThread, type Reply, type ThreadData, type ToThread } from './protocol.js';
import type { Role } from './services.js';
import { workerFile } from './worker-file.js';

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: MarconiError) => void;
}

const LEAST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * A role run in a thread of its own. Calls made in one turn of the event loop go in one message. When the thread dies,
 * the calls under way reject with STORAGE_UNAVAILABLE, and another is started after a wait that grows with each death.
 */
export class ThreadLane<T extends object> implements Lane<T> {
  private readonly pending = new Map<number, Pending>();
  private waiting: Call[] = [];
  private worker: Worker | null = null;
  private nextId = 1;
  private deaths = 0;
  private closing = false;
  private restart: NodeJS.Timeout | null = null;

  private constructor(
    private readonly role: Role,
    private readonly options: FileOptions,
  ) {}

  /** Starts the thread and waits until it is open. Rejects with STORAGE_UNAVAILABLE and what to do. */
  static async open<T extends object>(role: Role, options: FileOptions): Promise<ThreadLane<T>> {
    const lane = new ThreadLane<T>(role, options);
    await lane.start();
    return lane;
  }

  call<K extends MethodOf<T>>(method: K, ...args: ArgsOf<T[K]>): Promise<ResultOf<T[K]>> {
    if (!this.worker) return Promise.reject(this.dead());
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      this.pending.set(id, { resolve, reject });
      this.waiting.push({ id, method, args });
      if (this.waiting.length === 1) setImmediate(() => this.flush());
    });
  }

  async close(): Promise<void> {
    this.closing = true;
    if (this.restart) clearTimeout(this.restart);
    const { worker } = this;
    if (!worker) return;
    this.flush();
    const gone = new Promise((resolve) => worker.once('exit', resolve));
    this.post(worker, { kind: 'close' });
    await gone;
  }

  private start(): Promise<void> {
    const workerData: ThreadData = { role: this.role, options: this.options };
    const worker = new Worker(workerFile(), { workerData, name: `marconi-sqlite-${this.role}` });
    return new Promise((resolve, reject) => {
      let refusal: MarconiError | null = null;
      worker.on('message', (message: FromThread) => {
        if (message.kind === 'replies') return message.replies.forEach((reply) => this.settle(reply));
        if (message.kind === 'refused') return void (refusal = receiveError(message.error));
        this.worker = worker;
        resolve();
      });
      worker.on('error', (error) => (refusal ??= this.dead(error)));
      worker.on('exit', () => {
        this.died(worker);
        reject(refusal ?? this.dead());
      });
    });
  }

  private flush(): void {
    const { worker, waiting } = this;
    if (!worker || waiting.length === 0) return;
    this.waiting = [];
    this.post(worker, { kind: 'calls', calls: waiting });
  }

  private post(worker: Worker, message: ToThread): void {
    const { value, transfer } = pack(message);
    worker.postMessage(value, transfer);
  }

  private settle(reply: Reply): void {
    this.deaths = 0;
    const pending = this.pending.get(reply.id);
    this.pending.delete(reply.id);
    if ('error' in reply) pending?.reject(receiveError(reply.error));
    else pending?.resolve(reply.value as never);
  }

  /** Rejects what was under way; a thread that had been open is started again. */
  private died(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = null;
    this.waiting = [];
    for (const { reject } of this.pending.values()) reject(this.dead());
    this.pending.clear();
    this.scheduleRestart();
  }

  private scheduleRestart(): void {
    if (this.closing) return;
    const pause = Math.min(LEAST_PAUSE_MS * 2 ** this.deaths, LONGEST_PAUSE_MS);
    this.deaths = Math.min(this.deaths + 1, 10);
    this.restart = setTimeout(() => void this.start().catch(() => this.scheduleRestart()), pause).unref();
  }

  private dead(cause?: unknown): MarconiError {
    const text = `The storage's ${this.role} thread has ended; it is being started again.`;
    return new MarconiError('STORAGE_UNAVAILABLE', text, { retryAfterMs: LEAST_PAUSE_MS, cause });
  }
}
