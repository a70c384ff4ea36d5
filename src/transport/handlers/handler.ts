import type { CallContext } from '../../engine/api.js';
import type { CallMetadata } from '../../tenancy/scope.js';
import type { RequestOf, ResponseOf, UnaryMethod } from '../dispatch.js';

/** Serves one unary method: check the request, one engine call, encode the answer. Rejects with MarconiError. */
export type Handler<M extends UnaryMethod> = (
  context: CallContext,
  request: RequestOf<M>,
  metadata: CallMetadata,
) => Promise<ResponseOf<M>>;

/** Handlers by method; a method of the contract that has none does not compile. */
export type Handlers<M extends UnaryMethod = UnaryMethod> = { readonly [K in M]: Handler<K> };

/** The handlers of one service. */
export type ServiceHandlers<S extends string> = Handlers<Extract<UnaryMethod, `marconi.v1.${S}/${string}`>>;
