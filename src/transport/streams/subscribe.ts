import { STREAM_PAGE_MESSAGES, STREAM_PORTION_BYTES, STREAM_SILENCE_MS } from '../../config/limits.js';
import type { ClientId } from '../../domain/client-id.js';
import { formatMarker, parsePosition } from '../../domain/marker.js';
import type { CallContext, Engine, Follower, FollowFrom, FollowOptions } from '../../engine/api.js';
import { MarconiError } from '../../errors/marconi-error.js';
import type { SubscribeRequest, SubscribeResponse } from '../../gen/marconi/v1/delivery.js';
import { encodePage } from '../encode.js';
import { checkQueueName } from '../validate/common.js';
import type { Outlet, Session } from './session.js';

/** Whose stream it is. */
export interface SubscribeOf {
  readonly context: CallContext;
  readonly caller: ClientId | null;
}

/** One stream that follows a queue. A page is read only when the client has taken in the one before. */
export class SubscribeSession implements Session<SubscribeRequest> {
  private isGone = false;
  private whenReady: (() => void) | null = null;

  constructor(
    private readonly engine: Pick<Engine, 'delivery'>,
    private readonly outlet: Outlet<SubscribeResponse>,
    private readonly of: SubscribeOf,
  ) {}

  receive(request: SubscribeRequest): void {
    this.follow(request).catch((thrown: unknown) => this.fail(MarconiError.from(thrown)));
  }

  fail(error: MarconiError): void {
    this.outlet.end(error);
  }

  halfClosed(): void {
    // The one request is followed by the client's half-close in any case.
  }

  ready(): void {
    this.whenReady?.();
  }

  gone(): void {
    this.isGone = true;
    this.whenReady?.();
  }

  private async follow(request: SubscribeRequest): Promise<void> {
    const { queue } = request;
    checkQueueName(queue);
    const options = readFollowing(request, this.of.caller);
    const follower = await this.engine.delivery.follow(this.of.context, queue, options);
    try {
      this.outlet.send({ messages: [], nextMarker: formatMarker(follower.position) });
      await this.sendAll(follower);
    } finally {
      follower.end();
    }
  }

  private async sendAll(follower: Follower): Promise<void> {
    for (;;) {
      if (!this.outlet.ready) await new Promise<void>((resolve) => (this.whenReady = resolve));
      if (this.isGone) return;
      const page = await follower.next(STREAM_SILENCE_MS);
      if (this.isGone) return;
      this.outlet.send({ messages: encodePage(page), nextMarker: formatMarker(follower.position) });
    }
  }
}

/** Throws INVALID_REQUEST. Where to begin is as in ListMessages, but that a marker which is none is refused. */
function readFollowing(request: SubscribeRequest, caller: ClientId | null): FollowOptions {
  const { echo, includeClaimed } = request;
  const from = readFrom(request.from);
  return { from, caller, echo, includeClaimed, limit: STREAM_PAGE_MESSAGES, maxBytes: STREAM_PORTION_BYTES };
}

function readFrom(from: SubscribeRequest['from']): FollowFrom {
  if (from === undefined) return parsePosition('');
  if (from.$case === 'marker') return parsePosition(from.value);
  if (from.value) return { kind: 'now' };
  throw MarconiError.invalidField('now', 'expected true, or another place to begin; came false');
}
