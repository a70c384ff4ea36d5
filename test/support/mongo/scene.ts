import { checkHistory, History, Reader, recordEnd, type QueueAccess, type Violation } from '../history/index.js';
import { record } from '../history/clients/record.js';
import { DOOR_GRACE, DOOR_TTL } from '../load/door-access.js';
import { Random } from '../random.js';
import { waitFor } from '../wait.js';
import { holdAt, type HeldPoint, type Release } from './held-point.js';
import { Onlookers } from './onlookers.js';
import { nameOf, type Point } from './points.js';
import { inTime } from './stopping.js';
import type { WireProxy } from './wire-proxy.js';
import { OTHERS, WATCHED } from './world.js';

/** What the core that is stopped is doing. */
export type Doing = 'post' | 'claim' | 'acknowledge' | 'renew';

/** Seconds. */
const CLAIM_TTL = 60;
const PAGE = 20;
/** Messages that are there from the beginning, those that the stopped core holds, and those that it posts. */
const BASE = 8;
const HELD = 4;
const VICTIM_KEY = { producer: 'victim', sequence: 1 };
const VICTIM = ['victim:0', 'victim:1', 'victim:2'];

/** What scenes play on: a core behind a proxy, and two others, on one database. */
export interface Stage {
  readonly proxy: WireProxy;
  create(queue: string): Promise<void>;
  /** The queue through the core of that number: `WATCHED`, or one of `OTHERS`. */
  through(core: number, queue: string): QueueAccess;
  /** The incarnation of a queue by its name; null when there is no such queue. */
  uidOf(queue: string): Promise<string | null>;
}

/** One queue at which a core is stopped at one point of one operation, while others go on there. */
export class Scene {
  readonly history = new History();
  readonly onlookers: Onlookers;
  private readonly others: readonly [QueueAccess, QueueAccess];
  private readonly victim: QueueAccess;
  private readonly reader: Reader;
  private held: HeldPoint | null = null;
  private heldAt = 0;
  private claim: { claim: string; ids: string[] } | null = null;
  private call: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly stage: Stage,
    readonly doing: Doing,
    readonly point: Point,
    readonly name: string,
    seed: number,
    private readonly claimTtl = CLAIM_TTL,
  ) {
    this.others = OTHERS.map((at) => stage.through(at, name)) as [QueueAccess, QueueAccess];
    this.onlookers = new Onlookers(this.history, this.others, new Random(seed));
    this.victim = stage.through(WATCHED, name);
    this.reader = new Reader(this.victim, this.history, 'victim-reader', PAGE);
  }

  get title(): string {
    return `${this.doing}, ${nameOf(this.point)}`;
  }

  /** Makes the queue, with a few messages in it that the core knows, and holds some of them for it if it needs that. */
  async prepare(): Promise<void> {
    await this.stage.create(this.name);
    const base = Array.from({ length: BASE }, (_, index) => `base:${index}`);
    await this.post('base', this.others[0], base, null);
    await this.reader.step();
    if (this.doing === 'acknowledge' || this.doing === 'renew') await this.take();
  }

  /** Begins the operation; resolves when the core is held at the point. */
  async begin(): Promise<void> {
    const held = holdAt(this.stage.proxy, this.point, [this.name, (await this.stage.uidOf(this.name)) ?? '']);
    this.held = held;
    this.call = this.operate();
    await inTime(this.title, held.reached);
    this.heldAt = performance.now();
  }

  /** Repeats the post through another core until it is answered; what of it a third one does not show at once. */
  async repeat(): Promise<readonly string[]> {
    const [one, two] = this.others;
    await waitFor(`an answer to the repeated ${this.title}`, () => this.post('victim', one, VICTIM, VICTIM_KEY));
    const shown = new Set<string>();
    for (let after = '', more = true; more;) {
      const page = await two.list(after, PAGE);
      for (const { value } of page.messages) shown.add(value);
      more = page.messages.length > 0;
      after = page.next;
    }
    return VICTIM.filter((value) => !shown.has(value));
  }

  release(how: Release): void {
    this.held?.release(how);
  }

  /** Milliseconds for which what is part of the queue already was not shown; null when nothing is. */
  stall(): number | null {
    if (this.doing !== 'post' || !this.point.committed) return null;
    return Math.max(0, (this.onlookers.seenAt(VICTIM[0] as string) ?? Infinity) - this.heldAt);
  }

  /** The core runs again: it posts, takes and reads, all come to rest, and the history is judged. */
  async finish(): Promise<readonly Violation[]> {
    await this.call;
    await this.post('victim', this.victim, ['victim:late'], null);
    await this.take();
    await this.acknowledge();
    await this.onlookers.stop();
    while ((await this.reader.step()) > 0);
    await recordEnd(this.victim, this.history, PAGE);
    return checkHistory(this.history);
  }

  private async operate(): Promise<void> {
    const { doing, victim, claim } = this;
    switch (doing) {
      case 'post':
        return void (await this.post('victim', victim, VICTIM, VICTIM_KEY));
      case 'claim':
        await this.take();
        return this.acknowledge();
      case 'acknowledge':
        return this.acknowledge();
      case 'renew': {
        const op = {
          kind: 'renew',
          queue: this.name,
          claim: claim?.claim ?? '',
          ttl: this.claimTtl,
          grace: 0,
        } as const;
        const renew = async () => ({ renewed: await victim.renew(op.claim, op.ttl, op.grace) });
        return void (await record(this.history, 'victim', op, renew));
      }
    }
  }

  /** True when it was answered. */
  private async post(client: string, queue: QueueAccess, values: readonly string[], key: Key | null): Promise<boolean> {
    const op = { kind: 'post', queue: this.name, values, ttl: DOOR_TTL, keyed: key !== null } as const;
    return (await record(this.history, client, op, () => queue.post(values, op.ttl, key))) !== null;
  }

  private async take(): Promise<void> {
    const op = { kind: 'claim', queue: this.name, ttl: this.claimTtl, grace: DOOR_GRACE } as const;
    const answer = await record(this.history, 'victim', op, () => this.victim.claim(op.ttl, op.grace, HELD));
    const result = answer?.result ?? null;
    this.claim = result && { claim: result.claim, ids: result.messages.map(({ id }) => id) };
  }

  private async acknowledge(): Promise<void> {
    if (this.claim === null) return;
    const { claim, ids } = this.claim;
    const op = { kind: 'remove', queue: this.name, ids, claim } as const;
    const remove = async () => ({ outcomes: await this.victim.remove(ids, claim) });
    await record(this.history, 'victim', op, remove);
  }
}

type Key = { readonly producer: string; readonly sequence: number };
