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

  constructor(private readonly most: number) {}

  add({ id, ends, messages }: StoredClaim): void {
    this.claims.set(id, { ends, left: new Set(messages.map((message) => message.id)) });
  }

  /** The messages are no longer under the claim, whatever the reason. */
  settled(claim: string, ids: readonly string[]): void {
    const held = this.claims.get(claim);
    if (held === undefined) return;
    for (const id of ids) held.left.delete(id);
    if (held.left.size === 0) this.claims.delete(claim);
  }

  renewed(claim: string, ends: Tick): void {
    const held = this.claims.get(claim);
    if (held !== undefined) held.ends = ends;
  }

  remove(claim: string): void {
    this.claims.delete(claim);
  }

  /** True when one more may be made beside so many under way; those that have ended are forgotten for want of room. */
  hasRoom(now: Millis, underWay: number): boolean {
    const most = this.most - underWay;
    if (this.claims.size < most) return true;
    for (const [id, { ends }] of this.claims) if (isDue(ends, now)) this.claims.delete(id);
    return this.claims.size < most;
  }

  /** When the first of them ends. */
  firstEnd(): Tick {
    return [...this.claims.values()].reduce((first, { ends }) => Math.min(first, ends), Infinity);
  }

  /** Those that live. */
  live(now: Millis): readonly string[] {
    return [...this.claims].flatMap(([id, { ends }]) => (isDue(ends, now) ? [] : [id]));
  }
}
