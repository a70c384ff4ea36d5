import type { Identity } from '../../auth/index.js';
import type { CallContext } from '../../engine/api.js';
import type { MarconiError } from '../../errors/marconi-error.js';
import { Status } from '../../gen/google/rpc/status.js';
import { EnvelopeKind, PullReceipt } from '../../gen/marconi/v1/envelope.js';
import type { PostMessagesRequest } from '../../gen/marconi/v1/messages.js';
import { rpcStatus } from '../status.js';
import type { IncomingCall } from '../unary.js';
import { answerFrame, type Incoming } from './envelope.js';
import type { EnvelopeMetadata } from './metadata.js';

/** The oneof's fields on the wire: number and type "bytes". */
const STORED_TAG = (3 << 3) | 2;
const REFUSED_TAG = (4 << 3) | 2;

/** A post that came through a PULL endpoint; its answer is a receipt. */
export class PullCall implements IncomingCall {
  readonly abandoned = null;
  readonly metadata: EnvelopeMetadata;
  private readonly correlationId: Buffer;

  /** @param deliver sends the receipt, and ends the call */
  constructor(
    incoming: Incoming,
    readonly request: PostMessagesRequest,
    private readonly identity: Identity,
    private readonly deliver: (receipt: Uint8Array) => void,
  ) {
    this.metadata = incoming.metadata;
    this.correlationId = incoming.envelope.correlationId;
  }

  context(): CallContext {
    return this.identity;
  }

  answer(response: Buffer): void {
    this.receipt(STORED_TAG, response);
  }

  refuse(error: MarconiError, facts?: Readonly<Record<string, string>>): void {
    this.receipt(REFUSED_TAG, Status.encode(rpcStatus(error, facts)).finish());
  }

  /** The outcome is encoded already; it goes in as it is. */
  private receipt(tag: number, outcome: Uint8Array): void {
    const { producerId = '', producerSequence = 0n } = this.request;
    const receipt = PullReceipt.encode({ producerId, producerSequence, outcome: undefined });
    const payload = receipt.uint32(tag).bytes(outcome).finish();
    this.deliver(answerFrame(EnvelopeKind.ENVELOPE_KIND_PULL_RECEIPT, this.correlationId, payload));
  }
}
