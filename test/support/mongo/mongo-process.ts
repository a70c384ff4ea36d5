import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { MongoClient } from 'mongodb';
import { waitFor } from '../wait.js';
import { endingWithUs, type Command } from './ending-with-us.js';

/** A server that speaks the MongoDB wire protocol, as a process of its own. */
export interface MongoServer {
  readonly name: string;
  /** `mongodb://127.0.0.1:PORT/`, without a database. */
  readonly uri: string;
  /** Of the process that runs now; another one after `restart`. */
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Kills it if it runs, and starts it again with the same port and data. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers; resolves when that is so. */
  pause(): Promise<void>;
  resume(): void;
  /** Ends it in an orderly way, and removes what was made for it. */
  stop(): Promise<void>;
}

const START_MS = 30_000;
const STOP_MS = 5_000;
/** Of what it prints, as much is kept to say why it did not start. */
const KEPT_OUTPUT = 4_000;

/** One process of a server that listens on a port of the loopback. */
export class MongoProcess implements MongoServer {
  readonly uri: string;
  private child: ChildProcess | null = null;
  private output = '';

  /** `release` frees what belongs to the server when it is stopped. */
  constructor(
    readonly name: string,
    port: number,
    private readonly command: Command,
    private readonly release: () => void | Promise<void>,
  ) {
    this.uri = `mongodb://127.0.0.1:${port}/`;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Resolves when the server answers; rejects with its words when it ends instead. */
  async start(): Promise<this> {
    this.output = '';
    const { file, args } = endingWithUs(this.command);
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    child.once('error', (error) => this.keep(error.message));
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.keep(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.keep(text));
    await this.untilItAnswers(child).catch(async (error: unknown) => {
      await this.stop();
      throw error;
    });
    return this;
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  async pause(): Promise<void> {
    const { pid } = this;
    this.child?.kill('SIGSTOP');
    await waitFor(`${this.name} to stand still`, () => standsStill(pid));
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.resume();
    const late = setTimeout(() => this.child?.kill('SIGKILL'), STOP_MS);
    await this.end('SIGTERM');
    clearTimeout(late);
    await this.release();
  }

  private keep(text: string): void {
    this.output = (this.output + text).slice(-KEPT_OUTPUT);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (child === null || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  private async untilItAnswers(child: ChildProcess): Promise<void> {
    await waitFor(
      `${this.name} to answer`,
      async () => {
        if (hasEnded(child)) throw new Error(`${this.name} ended: ${this.output}`);
        return answers(this.uri);
      },
      { ms: START_MS, every: 50 },
    );
  }
}

/** A process that could not be started has no id. */
function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** A signal takes its time, in which the process may still answer. */
function standsStill(pid: number): boolean {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ');
}

async function answers(uri: string): Promise<boolean> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 500, directConnection: true });
  try {
    await client.db('admin').command({ ping: 1 });
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}
