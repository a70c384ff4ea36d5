import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { formatMessageId } from '../../src/domain/message-id.js';
import { currentTick, type Millis } from '../../src/domain/time.js';
import { openMemory } from '../../src/storage/drivers/memory/index.js';
import type { MessageOp, NewMessage, PostOp, QueueRef, Storage } from '../../src/storage/ports/index.js';
import { Side, type Answer } from './side.js';
import type { Drawn, DrawnStep } from './steps.js';

const POSTERS = ['0', '1', '2'].map((digit) => digit.repeat(32));
const UNKNOWN_ID = formatMessageId('unknownunknown00', 0);
const UNKNOWN_CLAIM = 'no-such-claim';

/** A storage that can be closed and opened again between steps. */
export interface Reopenable {
  readonly storage: Storage;
  reopen(): Promise<void>;
}

/** The storage under test and the reference model, given the same steps at the same times. */
export class World {
  private readonly model = new Side({ storage: openMemory() });
  private readonly real: Side;
  private readonly queues: QueueRef[] = [];
  private readonly ids: string[] = [];
  private readonly claims: string[] = [];
  private batches = 0;

  private constructor(
    readonly store: Reopenable,
    public now: Millis,
  ) {
    this.real = new Side(store);
  }

  /** A world with two queues, and a third that is fenced. */
  static async open(store: Reopenable, now: Millis): Promise<World> {
    const world = new World(store, now);
    world.queues.push(freshQueue(), freshQueue(), freshQueue());
    await world.apply(world.queues.map((queue) => ({ kind: 'open', queue }) as const));
    await world.apply([{ kind: 'fence', queue: world.queues[2]! }]);
    return world;
  }

  /** Applies drawn steps in one commit on both sides and compares what they come to. */
  async commit(drawn: readonly DrawnStep[]): Promise<void> {
    await this.apply(drawn.map(({ queue, step }) => this.resolve(this.queues[queue]!, step)));
  }

  /** Gives up queue 0 or 1 and goes on with a new one. */
  async replace(index: number): Promise<void> {
    const [old, queue] = [this.queues[index]!, freshQueue()];
    await this.apply([
      { kind: 'fence', queue: old },
      { kind: 'open', queue },
    ]);
    this.queues[index] = queue;
    this.queues[2] = old;
  }

  /** Compares the answers to a question about one queue. */
  async compare(
    index: number,
    question: (messages: Storage['messages'], side: Side) => Promise<Answer>,
  ): Promise<void> {
    const queue = this.queues[index]!;
    expectSame(await this.real.ask(queue, question), await this.model.ask(queue, question));
  }

  queue(index: number): QueueRef {
    return this.queues[index]!;
  }

  /** The id of a picked message. */
  id(pick: number): string {
    return this.ids[pick % Math.max(1, this.ids.length)] ?? UNKNOWN_ID;
  }

  /** The id of a picked claim; the latest for 0. */
  claim(pick: number): string {
    return this.claims.at(-1 - (pick % Math.max(1, this.claims.length))) ?? UNKNOWN_CLAIM;
  }

  /** All message ids, and all claim ids, that were made. */
  everything(): { readonly ids: readonly string[]; readonly claims: readonly string[] } {
    return { ids: this.ids, claims: this.claims };
  }

  /** Ends the queues of this world in the storage under test, which goes on to the next one. */
  async close(): Promise<void> {
    await this.real.apply(
      this.queues.map((queue) => ({ kind: 'fence', queue }) as const),
      this.now,
    );
  }

  private async apply(ops: readonly MessageOp[]): Promise<void> {
    const expected = await this.model.apply(ops, this.now);
    const actual = await this.real.apply(ops, this.now);
    expectSame(
      actual.map((outcome, index) => this.relaxed(outcome, expected[index])),
      expected,
    );
  }

  /** `nextAt` is a lower bound: any tick to come that is not behind the model's is as good as the model's. */
  private relaxed(outcome: unknown, expected: unknown): unknown {
    const [given, exact] = [nextAt(outcome), nextAt(expected)];
    if (given === null || exact === null) return outcome;
    return given > currentTick(this.now) && given <= exact ? expected : outcome;
  }

  private resolve(queue: QueueRef, drawn: Drawn): MessageOp {
    switch (drawn.kind) {
      case 'post':
        return this.post(queue, drawn);
      case 'claimNext': {
        const claim = `claim-${this.claims.length}`;
        this.claims.push(claim);
        return { ...drawn, queue, claim };
      }
      case 'popNext':
        return { ...drawn, queue };
      case 'renewIfLive':
      case 'releaseIfLive':
        return { ...drawn, queue, claim: this.claim(drawn.claim) };
      case 'deleteIfAllowed':
        return { ...drawn, queue, id: this.id(drawn.id), claim: drawn.claim === null ? null : this.claim(drawn.claim) };
      case 'deleteAll':
        return { ...drawn, queue, ids: drawn.ids.map((id) => this.id(id)) };
      case 'acknowledgeIfHolder':
        return { ...drawn, queue, claim: this.claim(drawn.claim), ids: drawn.ids.map((id) => this.id(id)) };
    }
  }

  private post(queue: QueueRef, { sizes, ttl, poster, key }: Extract<Drawn, { kind: 'post' }>): PostOp {
    const batch = `batch${String(this.batches++).padStart(11, '0')}`;
    const messages = sizes.map((size, index): NewMessage => {
      const body = Buffer.from(`${batch}-${index}`.padStart(size, '.').slice(-size || Infinity));
      return { body: size === 0 ? Buffer.alloc(0) : body, contentType: index % 2 === 0 ? '' : 'text/plain', ttl };
    });
    messages.forEach((_, index) => this.ids.push(formatMessageId(batch, index)));
    const fingerprint = `${sizes.length % 2}`;
    return {
      kind: 'post',
      queue,
      batch,
      poster: POSTERS[poster] ?? null,
      messages,
      key: key && { producer: `p${key.producer}`, sequence: String(key.sequence), window: key.window, fingerprint },
    };
  }
}

/** Jest's own comparison is slow, so it only has to show a difference. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}

function freshQueue(): QueueRef {
  return { uid: randomBytes(16).toString('hex'), pool: 'default' };
}

function nextAt(outcome: unknown): number | null {
  return (outcome as { readonly nextAt?: number | null }).nextAt ?? null;
}

/** The posters that messages may have, and one that has none. */
export const CALLERS = [null, ...POSTERS, '9'.repeat(32)];
