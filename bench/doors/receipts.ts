import { EnvelopeKind, PullReceipt, type Envelope } from '../../src/gen/marconi/v1/envelope.js';
import { Durability, PostMessagesResponse, PublishResponse } from '../../src/gen/marconi/v1/messages.js';

/** The receipt in an answer of a Publish stream. */
export function publishReceipt(answer: Buffer): PostMessagesResponse | undefined {
  const { event } = PublishResponse.decode(answer);
  return event?.$case === 'receipt' ? event.value : undefined;
}

/** The receipt in what the router sent, as an answer or by itself. */
export function routerReceipt({ kind, payload }: Envelope): PostMessagesResponse | undefined {
  if (kind === EnvelopeKind.ENVELOPE_KIND_RESPONSE) return PostMessagesResponse.decode(payload);
  if (kind !== EnvelopeKind.ENVELOPE_KIND_PULL_RECEIPT) return undefined;
  const { outcome } = PullReceipt.decode(payload);
  return outcome?.$case === 'stored' ? outcome.value : undefined;
}

/** Throws unless each post was stored, durably, once, and under ids and markers of its own. */
export function checkReceipts(receipts: readonly (PostMessagesResponse | undefined)[], messages: number): void {
  const ids = new Set<string>();
  const markers = new Set<string>();
  for (const receipt of receipts) {
    if (receipt?.durability !== Durability.DURABILITY_FSYNC) throw new Error('A post was not stored durably.');
    if (receipt.duplicate) throw new Error('A post was taken for a repetition.');
    for (const id of receipt.ids) ids.add(id);
    for (const marker of receipt.markers) markers.add(marker);
  }
  if (ids.size === messages && markers.size === messages) return;
  throw new Error(`${messages} messages got ${ids.size} ids and ${markers.size} markers.`);
}
