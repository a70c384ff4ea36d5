/** Calls of ports that have begun and not ended, so that closing can wait for them. */
export class UnderWay {
  private readonly calls = new Set<Promise<unknown>>();

  /** The port, whose methods all give promises, with each call noted until it ends. */
  over<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => this.note(member.apply(target, args) as Promise<unknown>);
      },
    });
  }

  /** Resolves when every call has ended, one way or the other. */
  async ended(): Promise<void> {
    while (this.calls.size > 0) await Promise.allSettled(this.calls);
  }

  private note(call: Promise<unknown>): Promise<unknown> {
    this.calls.add(call);
    const forget = (): void => void this.calls.delete(call);
    call.then(forget, forget);
    return call;
  }
}
