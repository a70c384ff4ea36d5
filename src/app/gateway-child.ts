import { fork, type ChildProcess } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../telemetry/log.js';
import { within } from './time-limit.js';

/** What a gateway tells the process that started it, once it answers. */
export interface GatewayReady {
  readonly kind: 'ready';
  /** Its URL. */
  readonly rest: string;
  /** `HOST:PORT`; empty: none. */
  readonly metrics: string;
}

/** What a gateway is told by the process that started it: the folder to remove when that process is gone. */
export interface GatewayInit {
  readonly kind: 'init';
  readonly runtimeFolder: string;
}

/** How a gateway process is started and what becomes of it. */
export interface GatewayChildOptions {
  /** The file of the `marconi` command. */
  readonly command: string;
  /** The environment, given where the gateway listened before so that a restarted one listens there again. */
  readonly env: (listening: GatewayReady | null) => Record<string, string>;
  readonly runtimeFolder: string;
  readonly log: Logger;
  /** Called once when the gateway was started again and again and did not stay. */
  readonly onGivenUp: () => void;
}

/** Milliseconds that a gateway may take to answer. */
const START_LIMIT_MS = 20_000;
/** Milliseconds before each attempt to start a gateway that ended; after the last it is given up. */
const RESTART_DELAYS_MS = [100, 300, 1_000, 3_000, 5_000];
/** A gateway that stayed so many milliseconds has its attempts back. */
const STEADY_MS = 60_000;

/** The gateway that `serve` runs as a process of its own: started, watched, started again, stopped. */
export class GatewayChild {
  private child: ChildProcess | null = null;
  private listening: GatewayReady | null = null;
  private stopping = false;
  private restarts = 0;

  constructor(private readonly options: GatewayChildOptions) {}

  /** Starts it and resolves when it answers; rejects when it ends or is late. */
  async start(): Promise<GatewayReady> {
    const startedAt = performance.now();
    const child = fork(this.options.command, ['gateway'], {
      env: this.options.env(this.listening),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.child = child;
    const init: GatewayInit = { kind: 'init', runtimeFolder: this.options.runtimeFolder };
    // A child that is gone already is noticed by its exit.
    child.send(init, () => undefined);
    const ready = await within(firstMessage(child), START_LIMIT_MS, null);
    if (ready === null) {
      child.kill('SIGKILL');
      throw new Error(`The gateway did not answer within ${START_LIMIT_MS} ms.`);
    }
    this.listening = ready;
    child.once('exit', (code, signal) => this.ended(startedAt, code, signal));
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('The gateway ended as it started.');
    return ready;
  }

  /** Asks it to finish what is under way and end; resolves when it has. */
  async drain(): Promise<void> {
    this.stopping = true;
    const { child } = this;
    if (child === null || hasEnded(child)) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    await exited;
  }

  /** Ends it at once. */
  kill(): void {
    this.stopping = true;
    this.child?.kill('SIGKILL');
  }

  private ended(startedAt: number, code: number | null, signal: string | null): void {
    if (this.stopping) return;
    if (performance.now() - startedAt > STEADY_MS) this.restarts = 0;
    this.options.log.error({ code, signal }, 'the gateway ended');
    void this.restart();
  }

  private async restart(): Promise<void> {
    for (;;) {
      const delay = RESTART_DELAYS_MS[this.restarts];
      if (delay === undefined) return this.options.onGivenUp();
      this.restarts += 1;
      await sleep(delay);
      if (this.stopping) return;
      try {
        const { rest } = await this.start();
        return this.options.log.info({ rest, attempt: this.restarts }, 'the gateway runs again');
      } catch (error) {
        this.options.log.error({ err: error, attempt: this.restarts }, 'the gateway did not start');
      }
    }
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function firstMessage(child: ChildProcess): Promise<GatewayReady> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => resolve(message as GatewayReady));
    child.once('error', reject);
    child.once('exit', (code, signal) => reject(new Error(`The gateway ended with ${signal ?? `exit code ${code}`}.`)));
  });
}
