import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { MarconiError } from '../../../src/errors/marconi-error.js';
import type { Reason } from '../../../src/errors/reasons.js';
import { forkTs, nextMessage } from '../child/ts-child.js';
import type { QueueAccess } from '../history/index.js';

/** What a bare core is asked: a method of a queue's access, "claimLives", or "clocks". */
export interface Question {
  readonly n: number;
  readonly queue: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What it answers to the question of that number. */
export interface Answer {
  readonly n: number;
  readonly value?: unknown;
  readonly failed?: { readonly reason: Reason; readonly message: string };
}

/** What a core's clocks read, in milliseconds. */
export interface Clocks {
  /** The machine's, as the process sees it. */
  readonly wall: number;
  readonly store: number;
}

/** An engine on a database in a process of its own, whose clock may be wrong. */
export class BareCore {
  private readonly waiting = new Map<number, (answer: Answer) => void>();
  private asked = 0;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer: Answer) => {
      this.waiting.get(answer.n)?.(answer);
      this.waiting.delete(answer.n);
    });
  }

  /** `ahead`: what its clock is ahead by, such as "+1h" or "-30m". */
  static async start(uri: string, database: string, ahead?: string): Promise<BareCore> {
    const env = ahead === undefined ? {} : wrongClock(ahead);
    const child = forkTs(join(__dirname, 'bare-core.ts'), { env, args: [uri, database] });
    await nextMessage<Answer>(child);
    return new BareCore(child);
  }

  /** The queue through this core, which makes it if it is not there. */
  queue(name: string): QueueAccess {
    const ask = <R>(method: string, ...args: unknown[]) => this.ask(name, method, args) as Promise<R>;
    return {
      name,
      post: (...args) => ask('post', ...args),
      claim: (...args) => ask('claim', ...args),
      remove: (...args) => ask('remove', ...args),
      release: (...args) => ask('release', ...args),
      renew: (...args) => ask('renew', ...args),
      list: (...args) => ask('list', ...args),
    };
  }

  claimLives(queue: string, claim: string): Promise<boolean> {
    return this.ask(queue, 'claimLives', [claim]) as Promise<boolean>;
  }

  clocks(): Promise<Clocks> {
    return this.ask('', 'clocks', []) as Promise<Clocks>;
  }

  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    this.resume();
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  private async ask(queue: string, method: string, args: readonly unknown[]): Promise<unknown> {
    const n = ++this.asked;
    const answer = await new Promise<Answer>((resolve) => {
      this.waiting.set(n, resolve);
      this.child.send({ n, queue, method, args } satisfies Question);
    });
    if (answer.failed === undefined) return answer.value;
    throw new MarconiError(answer.failed.reason, answer.failed.message);
  }
}

/** The wall clock is another one, and the monotonic clock is left alone, as on a machine that was set wrong. */
function wrongClock(ahead: string): NodeJS.ProcessEnv {
  const preload = execFileSync('faketime', ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim();
  return { LD_PRELOAD: preload, FAKETIME: ahead, FAKETIME_DONT_FAKE_MONOTONIC: '1' };
}
