import type { Millis } from '../../../../domain/time.js';
import { MarconiError } from '../../../../errors/marconi-error.js';
import type { DeleteAllOp, Gone } from '../../../ports/index.js';
import type { Collections } from '../collections.js';
import type { MessageFacts } from '../documents.js';
import type { EndedTicks } from '../ended-ticks.js';
import type { WholePosts } from '../order/whole-posts.js';
import { pause, type Pause } from '../pause.js';
import { FACTS, heldBy, inParts, visibleById } from '../queries.js';
import { settleOn, type SettleOp, type SettleOutcome } from './steps.js';
import { WorkingSet } from './working-set.js';

/** Tries of steps whose messages others change meanwhile. */
const TRIES = 5;

/** Messages that one claim may hold at the most, for bounding a query. */
const MAX_HELD = 100_000;

const GONE: Gone = { kind: 'gone' };

/**
 * Renews, releases, deletes and acknowledges: reads what the steps are about, carries them out on it, and writes each
 * message only if it is still as it was read. What others changed meanwhile is read and judged once more.
 */
export class Settlers {
  constructor(
    private readonly messages: Collections['messages'],
    private readonly whole: WholePosts,
    private readonly ended: EndedTicks,
    private readonly wait: Pause = pause,
  ) {}

  /** Carries out the steps of one queue in their order. */
  async settle(uid: string, ops: readonly SettleOp[], now: Millis): Promise<readonly (SettleOutcome | Gone)[]> {
    const [only] = ops;
    if (ops.length === 1 && only?.kind === 'deleteAll') return [await this.deleteAll(uid, only, now)];
    const earlier = new Earlier();
    for (let tries = 1; tries <= TRIES; tries++) {
      const [head, facts] = await Promise.all([this.whole.head(uid), this.load(uid, ops, now)]);
      if (head === null) return ops.map(() => GONE);
      const set = new WorkingSet(facts, now);
      earlier.resolve(set);
      const outcomes = ops.map((op) => earlier.amend(op, settleOn(set, op, now)));
      if (await this.write(set, earlier)) {
        for (const op of ops) if (op.kind === 'renewIfLive') this.ended.note(uid, Math.ceil(now / 1000 + op.ttl));
        return outcomes;
      }
      await this.wait(tries);
    }
    throw new MarconiError('STORAGE_UNAVAILABLE', 'The messages changed too often meanwhile; try again.', {
      retryAfterMs: 100,
    });
  }

  /** Deletes by ids need not know what they delete: one command. */
  private async deleteAll(uid: string, { ids }: DeleteAllOp, now: Millis): Promise<SettleOutcome | Gone> {
    const statements = [...new Set(ids)].map((_id) => {
      const filter = { _id, uid, due: { $gte: 0 }, exp: { $gt: new Date(now) } };
      return { kind: 'delete', filter } as const;
    });
    const [head, { deleted }] = await Promise.all([
      this.whole.head(uid),
      this.messages.bulk(statements, { ordered: false }),
    ]);
    return head === null ? GONE : { kind: 'deleted', count: deleted };
  }

  private async load(uid: string, ops: readonly SettleOp[], now: Millis): Promise<readonly MessageFacts[]> {
    const ids = new Set(ops.flatMap((op) => ('ids' in op ? op.ids : 'id' in op ? [op.id] : [])));
    const claims = new Set(
      ops.flatMap((op) => ('claim' in op && op.kind !== 'acknowledgeIfHolder' ? (op.claim ?? []) : [])),
    );
    const [byId, byClaim] = await Promise.all([
      inParts([...ids], (part) =>
        this.messages.find(visibleById(uid, part, now), { limit: part.length, fields: FACTS }),
      ),
      inParts([...claims], (part) => this.messages.find(heldBy(uid, part, now), { limit: MAX_HELD, fields: FACTS })),
    ]);
    // Read side by side, one message may be there twice, at two moments: either will do, as the write checks it.
    return [...byId, ...byClaim];
  }

  /** False when some of it was refused, since others were at those messages. */
  private async write(set: WorkingSet, earlier: Earlier): Promise<boolean> {
    const statements = set.statements();
    const { matched, deleted } = await this.messages.bulk(statements, { ordered: false });
    if (matched + deleted === statements.length) return true;
    earlier.attempted(set.deletions(), deleted);
    return false;
  }
}

/** What became of deletions in tries of which only a part went through. */
class Earlier {
  private pending: { ids: readonly string[]; deleted: number } | null = null;
  private readonly deleted = new Set<string>();
  private readonly doubtful = new Set<string>();

  /** Notes a try that deleted so many of these messages. */
  attempted(ids: readonly string[], deleted: number): void {
    this.pending = { ids, deleted };
  }

  /** Learns from the next reading which ones are gone: exactly, or in doubt when others deleted some too. */
  resolve(set: WorkingSet): void {
    if (this.pending === null) return;
    const absent = this.pending.ids.filter((id) => set.get(id) === null);
    const exact = absent.length === this.pending.deleted;
    for (const id of absent) (exact ? this.deleted : this.doubtful).add(id);
    this.pending = null;
  }

  /** The outcome with what earlier tries had done already. In doubt a message is gone, and nobody is said to have done it. */
  amend(op: SettleOp, outcome: SettleOutcome): SettleOutcome {
    if (op.kind === 'deleteIfAllowed' && this.has(op.id) && outcome.kind === 'absent') return { kind: 'deleted' };
    if (op.kind === 'deleteAll' && outcome.kind === 'deleted' && 'count' in outcome) {
      return { kind: 'deleted', count: outcome.count + op.ids.filter((id) => this.has(id)).length };
    }
    if (op.kind === 'acknowledgeIfHolder' && outcome.kind === 'acknowledged') {
      const outcomes = outcome.outcomes.map((each, index) =>
        this.deleted.has(op.ids[index] as string) ? 'acknowledged' : each,
      );
      return { kind: 'acknowledged', outcomes };
    }
    return outcome;
  }

  private has(id: string): boolean {
    return this.deleted.has(id) || this.doubtful.has(id);
  }
}
