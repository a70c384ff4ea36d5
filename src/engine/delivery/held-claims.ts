import { isDue, type Millis, type Tick } from '../../domain/time.js';
import type { StoredClaim } from '../../storage/ports/index.js';

interface HeldClaim {
  ends: Tick;
  /** Ids of messages that were not acknowledged. */
  readonly left: Set<string>;
}

/** The claims that a stream made and that live as far as it knows; the store judges. */
export class HeldClaims {
  private readonly claims = new Map<string, HeldClaim>();
  private count = 0;

  /** @param forgotten is told of each claim that is no longer counted */
  constructor(
    private readonly most: number,
    private readonly forgotten: (claim: string) => void = () => undefined,
  ) {}

  /** Messages under them. */
  get messages(): number {
    return this.count;
  }

  add({ id, ends, messages }: StoredClaim): void {
    this.claims.set(id, { ends, left: new Set(messages.map((message) => message.id)) });
    this.count += messages.length;
  }

  /** The messages are no longer under the claim, whatever the reason. */
  settled(claim: string, ids: readonly string[]): void {
    const held = this.claims.get(claim);
    if (held === undefined) return;
    for (const id of ids) if (held.left.delete(id)) this.count--;
    if (held.left.size === 0) this.remove(claim);
  }

  renewed(claim: string, ends: Tick): void {
    const held = this.claims.get(claim);
    if (held !== undefined) held.ends = ends;
  }

  remove(claim: string): void {
    const held = this.claims.get(claim);
    if (held === undefined) return;
    this.count -= held.left.size;
    this.claims.delete(claim);
    this.forgotten(claim);
  }

  /** True when one more may be made beside so many under way; those that have ended are forgotten for want of room. */
  hasRoom(now: Millis, underWay: number): boolean {
    const most = this.most - underWay;
    if (this.claims.size >= most) this.forgetEnded(now);
    return this.claims.size < most;
  }

  /** Forgets those that have ended. */
  forgetEnded(now: Millis): void {
    for (const [id, { ends }] of this.claims) if (isDue(ends, now)) this.remove(id);
  }

  /** Forgets them all. */
  forgetAll(): void {
    for (const id of [...this.claims.keys()]) this.remove(id);
  }

  /** When the first of them ends; Infinity when there is none. */
  firstEnd(): Tick {
    let first = Infinity;
    for (const { ends } of this.claims.values()) first = Math.min(first, ends);
    return first;
  }

  /** Those that live. */
  live(now: Millis): readonly string[] {
    return [...this.claims].flatMap(([id, { ends }]) => (isDue(ends, now) ? [] : [id]));
  }
}
