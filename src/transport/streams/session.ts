import type { MarconiError } from '../../errors/marconi-error.js';
import type { CallContext } from '../../engine/api.js';
import type { CallMetadata } from '../../tenancy/scope.js';
import type { RequestOf, ResponseOf, StreamMethod } from '../dispatch.js';

/** The way back to the client of a stream, whatever the door. */
export interface Outlet<Out> {
  /** Sends at once; nothing is sent after `end`, or when the client is gone. */
  send(answer: Out): void;
  /** False while the client has not taken in what was sent: then send only what is owed already. */
  readonly ready: boolean;
  /** Reads no more requests until `resume`: what the client sends stays with it. */
  hold(): void;
  resume(): void;
  /** Ends the stream after all that was sent; null: well. Only the first call counts. */
  end(error: MarconiError | null): void;
}

/** One stream that is served. A door calls these and nothing else; none of them throws. */
export interface Session<In> {
  /** The next request. */
  receive(request: In): void;
  /** What came is no request of the method: the stream ends with the error once what came before is answered. */
  fail(error: MarconiError): void;
  /** The client has sent all it will. */
  halfClosed(): void;
  /** The outlet is ready again. */
  ready(): void;
  /** The client cancelled or is lost, or the stream has ended: called once, in any case. */
  gone(): void;
}

/** Begins to serve a stream. Throws MarconiError when it cannot. */
export type StreamHandler<M extends StreamMethod> = (
  context: CallContext,
  outlet: Outlet<ResponseOf<M>>,
  metadata: CallMetadata,
) => Session<RequestOf<M>>;

/** Handlers by method; a stream of the contract that has none does not compile. */
export type StreamHandlers = { readonly [M in StreamMethod]: StreamHandler<M> };
