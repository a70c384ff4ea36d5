import type { Claim } from '../../../src/gen/marconi/v1/claims.js';
import { connect, type Connection } from '../grpc-client.js';
import { batch, Consuming, Publishing } from '../grpc-stream.js';
import { waitFor } from '../wait.js';
import { DoorError, type DoorClaim, type DoorClient, type DoorKey } from './door-client.js';
import { grpcClient, removalOf, shown, TTL } from './grpc-client.js';

/** How long a claim is waited for. */
const WAIT_MS = 50;

interface Post {
  readonly resolve: (ids: readonly string[]) => void;
  readonly reject: (error: Error) => void;
}

/** Posts of all callers over one stream; when it ends, a new one at the next post. */
class Posts {
  private open: { readonly stream: Publishing; readonly unanswered: Post[] } | null = null;

  constructor(
    private readonly to: Connection,
    private readonly clientId: string,
  ) {}

  post(queue: string, bodies: readonly string[], key?: DoorKey): Promise<readonly string[]> {
    const { stream, unanswered } = this.open ?? this.begin();
    return new Promise((resolve, reject) => {
      unanswered.push({ resolve, reject });
      const request = batch(queue, bodies, key);
      stream.send({ ...request, messages: request.messages.map((each) => ({ ...each, ttlSeconds: TTL })) });
    });
  }

  private begin() {
    const begun = { stream: new Publishing(this.to, { clientId: this.clientId }), unanswered: [] as Post[] };
    this.open = begun;
    void this.answer(begun);
    return begun;
  }

  private async answer(begun: NonNullable<Posts['open']>): Promise<void> {
    const { stream, unanswered } = begun;
    try {
      for await (const { event } of stream) {
        if (event?.$case === 'receipt') unanswered.shift()?.resolve(event.value.ids);
      }
    } catch {
      // What was not answered is told below: nobody knows what became of it.
    }
    if (this.open === begun) this.open = null;
    stream.cancel();
    for (const { reject } of unanswered) reject(new DoorError('LOST', '', false, 'the stream ended'));
  }
}

/** Claims of one message, each over a stream of its own that lives as long as the claim is worked on. */
class Work {
  private readonly streams = new Map<string, Consuming>();

  constructor(private readonly to: Connection) {}

  async claim(queue: string, ttlSeconds: number): Promise<DoorClaim | null> {
    const stream = new Consuming(this.to);
    await stream.start(queue, { ttlSeconds });
    stream.grant(1);
    const found = await this.first(stream);
    if (found === null) return null;
    this.streams.set(found.id, stream);
    return { id: found.id, messages: found.messages.map(shown) };
  }

  /** The stream of a claim while it is open. */
  of(claim: string): Consuming | undefined {
    const stream = this.streams.get(claim);
    return stream?.ended === null ? stream : undefined;
  }

  /** The claim is done with. */
  done(claim: string): void {
    this.streams.get(claim)?.halfClose();
    this.streams.delete(claim);
  }

  /** The stream's one claim; null when none was made until it had ended. */
  private async first(stream: Consuming): Promise<Claim | null> {
    const came = () => stream.waiting.length > 0 || stream.ended !== null;
    const end = performance.now() + WAIT_MS;
    await waitFor('a claim', () => came() || performance.now() > end, { every: 2 });
    if (stream.waiting.length > 0) return stream.told('claim');
    stream.halfClose();
    const ended = await stream.end();
    if (stream.waiting.length > 0) return stream.told('claim');
    if (ended !== 'OK') throw new DoorError('LOST', '', false, 'the stream ended');
    return null;
  }
}

/** A client of the streams at an address: posts over Publish, works over Consume, and does the rest by single calls. */
export function streamClient(address: string, clientId = '6f0f1d0f8e0f4a7c9a55000000000003'): DoorClient {
  const single = grpcClient(address, clientId);
  const to = connect(address);
  const posts = new Posts(to, clientId);
  const work = new Work(to);
  return {
    ...single,
    post: (queue, bodies, key) => posts.post(queue, bodies, key),
    claim: (queue, _limit, ttl) => work.claim(queue, ttl),
    remove: async (queue, ids, claim) => {
      const stream = work.of(claim);
      if (stream === undefined) return single.remove(queue, ids, claim);
      stream.acknowledge(claim, ids);
      const { acknowledgements } = await stream.told('acknowledged');
      work.done(claim);
      return acknowledgements.map(({ outcome }) => removalOf(outcome));
    },
    release: async (queue, claimId) => {
      const stream = work.of(claimId);
      if (stream === undefined) return single.release(queue, claimId);
      stream.ask('release', { claimId, requestId: undefined });
      await stream.told('released');
      work.done(claimId);
    },
    renew: async (queue, claimId, ttlSeconds) => {
      const stream = work.of(claimId);
      if (stream === undefined) return single.renew(queue, claimId, ttlSeconds);
      stream.ask('extend', { claimId, ttlSeconds, graceSeconds: undefined, requestId: undefined });
      await stream.told('extended');
      return true;
    },
    close: () => {
      single.close();
      to.close();
    },
  };
}
