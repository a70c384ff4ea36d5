import type { Identity } from '../../auth/index.js';
import type { Principal, TenantScope } from '../../domain/principal.js';
import type { CallContext } from '../../engine/api.js';

/** What the context asks of a call, of one answer or of many. */
export interface Cancellable {
  readonly cancelled: boolean;
  once(event: 'cancelled', listener: () => void): unknown;
}

/** The context of one gRPC call. Most calls never look at the signal, so it is made when it is first asked for. */
export class GrpcCallContext implements CallContext {
  readonly principal: Principal;
  readonly scope: TenantScope;
  private controller: AbortController | undefined;

  constructor(
    { principal, scope }: Identity,
    private readonly call: Cancellable,
  ) {
    this.principal = principal;
    this.scope = scope;
  }

  /** Aborted when the caller cancels, its connection ends or its deadline passes; also once the call is answered. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      const controller = new AbortController();
      if (this.call.cancelled) controller.abort();
      else this.call.once('cancelled', () => controller.abort());
      this.controller = controller;
    }
    return this.controller.signal;
  }
}
