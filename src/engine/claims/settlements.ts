import type { Tick } from '../../domain/time.js';
import type { QueueRef } from '../../storage/ports/index.js';

/** Who counts the messages of a claim that it had made. */
export interface ClaimHolder {
  /** These messages are no longer under the claim, whatever the reason. */
  settled(claim: string, ids: readonly string[]): void;
  /** The claim ends then. */
  renewed(claim: string, ends: Tick): void;
  /** The claim is over. */
  ended(claim: string): void;
}

/**
 * Tells what becomes of claims to those who count them, whichever door it comes through. Only this node's doors: what
 * is acknowledged at another node is not heard of, and the claim counts until it ends.
 */
export class Settlements {
  private readonly kept = new Map<string, { readonly uid: string; readonly holder: ClaimHolder }>();
  /** Claims by incarnation. */
  private readonly claims = new Map<string, Set<string>>();

  /** From now on the holder is told; until `forget`. */
  hold({ uid }: QueueRef, claim: string, holder: ClaimHolder): void {
    this.kept.set(claim, { uid, holder });
    const own = this.claims.get(uid) ?? new Set();
    this.claims.set(uid, own.add(claim));
  }

  forget(claim: string): void {
    const kept = this.kept.get(claim);
    if (kept === undefined) return;
    this.kept.delete(claim);
    const own = this.claims.get(kept.uid);
    own?.delete(claim);
    if (own?.size === 0) this.claims.delete(kept.uid);
  }

  settled(queue: QueueRef, claim: string, ids: readonly string[]): void {
    this.holder(queue, claim)?.settled(claim, ids);
  }

  renewed(queue: QueueRef, claim: string, ends: Tick): void {
    this.holder(queue, claim)?.renewed(claim, ends);
  }

  ended(queue: QueueRef, claim: string): void {
    this.holder(queue, claim)?.ended(claim);
  }

  /** The incarnation is gone, and all its claims. */
  gone({ uid }: QueueRef): void {
    for (const claim of [...(this.claims.get(uid) ?? [])]) this.kept.get(claim)?.holder.ended(claim);
  }

  /** Who names a claim of another queue, or of another project's, settles nothing. */
  private holder({ uid }: QueueRef, claim: string): ClaimHolder | undefined {
    const kept = this.kept.get(claim);
    return kept?.uid === uid ? kept.holder : undefined;
  }
}
