import type { ArgsOf, Lane, MethodOf, ResultOf } from './lane.js';

/** Several lanes to the same logic as one: calls go round. */
export class SharedLane<T> implements Lane<T> {
  private turn = 0;

  constructor(private readonly lanes: readonly Lane<T>[]) {}

  call<K extends MethodOf<T>>(method: K, ...args: ArgsOf<T[K]>): Promise<ResultOf<T[K]>> {
    this.turn = (this.turn + 1) % this.lanes.length;
    return (this.lanes[this.turn] as Lane<T>).call(method, ...args);
  }

  /** Calls a method on each lane. */
  async callEach<K extends MethodOf<T>>(method: K, ...args: ArgsOf<T[K]>): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.call(method, ...args)));
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }
}
