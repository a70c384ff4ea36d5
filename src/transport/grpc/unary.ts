import type { handleUnaryCall, Metadata, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import type { AuthStrategy } from '../../auth/index.js';
import type { CallContext } from '../../engine/api.js';
import type { MarconiError } from '../../errors/marconi-error.js';
import type { Reason } from '../../errors/reasons.js';
import type { IncomingCall, ServedMethod } from '../unary.js';
import { GrpcCallContext } from './call-context.js';
import { toStatus } from './errors.js';

type Call = ServerUnaryCall<Buffer, Buffer>;
type Callback = sendUnaryData<Buffer>;

/** A call that came over gRPC. */
class GrpcCall implements IncomingCall {
  constructor(
    private readonly call: Call,
    private readonly callback: Callback,
    private readonly auth: AuthStrategy,
    private readonly statusOf: typeof toStatus,
  ) {}

  get request(): Buffer {
    return this.call.request;
  }

  get metadata(): Metadata {
    return this.call.metadata;
  }

  get abandoned(): Reason | null {
    return this.call.cancelled ? 'CANCELLED' : null;
  }

  context(): CallContext {
    return new GrpcCallContext(this.auth.identify(this.call.metadata), this.call);
  }

  answer(response: Buffer): void {
    this.callback(null, response);
  }

  refuse(error: MarconiError, facts?: Readonly<Record<string, string>>): void {
    this.callback(this.statusOf(error, facts));
  }
}

/** A method as grpc-js serves it. */
export function unary({ serve, overloaded }: ServedMethod, auth: AuthStrategy): handleUnaryCall<Buffer, Buffer> {
  // Made once: under a flood it is the answer to most calls.
  const busy = toStatus(overloaded);
  const statusOf: typeof toStatus = (error, facts) => (error === overloaded ? busy : toStatus(error, facts));
  return (call, callback) => serve(new GrpcCall(call, callback, auth, statusOf));
}
