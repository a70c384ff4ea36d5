import { formatMarker, type Marker } from '../../domain/marker.js';
import type { FollowedPage } from '../../engine/api.js';
import type { MarconiError } from '../../errors/marconi-error.js';
import { SubscribeResponse } from '../../gen/marconi/v1/delivery.js';
import { EnvelopeKind } from '../../gen/marconi/v1/envelope.js';
import { encodePage } from '../encode.js';
import { answerFrame, errorFrame } from './envelope.js';
import { PUBLICATION } from './limits.js';

const NO_ONE = Buffer.alloc(0);

/** Says where a queue is. */
export function positionFrame(position: Marker): Uint8Array {
  return publication({ messages: [], nextMarker: formatMarker(position) });
}

/**
 * The messages of a page as a frame. A message too large to be kept for many subscribers is only told of, by the
 * position after it: they see a gap, and list it.
 */
export function pageFrame(page: FollowedPage, position: Marker): Uint8Array {
  const frame = publication({ messages: encodePage(page), nextMarker: formatMarker(position) });
  return frame.length <= PUBLICATION.frameBytes ? frame : positionFrame(position);
}

/** Says that the queue is gone; one of the same name begins anew. */
export function goneFrame(error: MarconiError): Uint8Array {
  return errorFrame(NO_ONE, error);
}

function publication(response: SubscribeResponse): Uint8Array {
  return answerFrame(EnvelopeKind.ENVELOPE_KIND_PUBLICATION, NO_ONE, SubscribeResponse.encode(response).finish());
}
