import type { Binding, FileOptions } from '../options.js';
import type { ArgsOf, Lane, MethodOf, ResultOf } from './lane.js';
import { createService, ROUND_PAUSE_MS, type Role, type Service } from './services.js';

/** A role run in the caller's thread: for tests, and for looking at it with a debugger. */
export class InlineLane<T extends object> implements Lane<T> {
  private readonly service: Service;
  private readonly rounds: NodeJS.Timeout | null;

  /** Throws STORAGE_UNAVAILABLE with what to do. */
  constructor(role: Role, options: FileOptions, binding?: Binding) {
    this.service = createService(role, options, binding);
    const { round } = this.service;
    this.rounds = round && setInterval(round, ROUND_PAUSE_MS).unref();
  }

  async call<K extends MethodOf<T>>(method: K, ...args: ArgsOf<T[K]>): Promise<ResultOf<T[K]>> {
    const target = this.service.target as T;
    return (target[method] as (...args: ArgsOf<T[K]>) => ResultOf<T[K]>).apply(target, args);
  }

  async close(): Promise<void> {
    if (this.rounds) clearInterval(this.rounds);
    this.service.close();
  }
}
