import { tickAfter } from '../../domain/time.js';
import type { MessageOp, Storage } from '../../storage/ports/index.js';
import type { Notes, Scene } from './scene.js';
import { answering, rewriting, withMessages } from './wrap.js';

function note(notes: Notes, op: MessageOp): void {
  if (op.kind === 'claimNext') notes.lastClaim.set(op.queue.uid, { queue: op.queue, claim: op.claim });
}

/** Gives a message to a new claim while the one before still lives. */
export function claimsTwice(storage: Storage, { notes }: Scene): Storage {
  return withMessages(storage, {
    apply: async (batch) => {
      const before = batch.ops.flatMap((op) => {
        const last = op.kind === 'claimNext' ? notes.lastClaim.get(op.queue.uid) : undefined;
        return last ? [{ kind: 'releaseIfLive', ...last } as const] : [];
      });
      for (const op of batch.ops) note(notes, op);
      const outcomes = await storage.messages.apply({ ...batch, ops: [...before, ...batch.ops] });
      return outcomes.slice(before.length);
    },
  });
}

/** Renews a claim that has ended. */
export function honoursEndedClaim(storage: Storage, { notes }: Scene): Storage {
  return withMessages(storage, {
    apply: async (batch) => {
      const outcomes = await storage.messages.apply(batch);
      return batch.ops.map((op, index) => {
        const outcome = outcomes[index]!;
        if (op.kind === 'claimNext' && outcome.kind === 'claimed') notes.claims.add(op.claim);
        if (op.kind !== 'renewIfLive' || outcome.kind !== 'unknown' || !notes.claims.has(op.claim)) return outcome;
        return { kind: 'renewed', ends: tickAfter(batch.now, op.ttl) };
      });
    },
  });
}

/** Deletes what is acknowledged under a claim that has ended, though it says that the claim was lost. */
export function lateAcknowledgeDeletes(storage: Storage): Storage {
  return rewriting(storage, (op) => {
    if (op.kind !== 'acknowledgeIfHolder') return [op];
    return [op, { kind: 'deleteAll', queue: op.queue, ids: op.ids }];
  });
}

/** Gives the newest of what it claims first. */
export function claimsNewestFirst(storage: Storage): Storage {
  return answering(storage, (_, outcome) => {
    if (!('claim' in outcome)) return outcome;
    return { kind: 'claimed', claim: { ...outcome.claim, messages: [...outcome.claim.messages].reverse() } };
  });
}

/** Takes an ended claim's messages at once, whatever the holder's clock says. */
export function ignoresSkew(storage: Storage): Storage {
  return withMessages(storage, { apply: ({ ops, now }) => storage.messages.apply({ ops, now }) });
}

/** Never answers who pops. */
export function hangs(storage: Storage): Storage {
  return withMessages(storage, {
    apply: (batch) =>
      batch.ops.some(({ kind }) => kind === 'popNext') ? new Promise(() => undefined) : storage.messages.apply(batch),
  });
}

/** Ends the newest claim of some queue when it sweeps. */
export function sweepShows(storage: Storage, { notes }: Scene): Storage {
  return withMessages(storage, {
    apply: (batch) => {
      for (const op of batch.ops) note(notes, op);
      return storage.messages.apply(batch);
    },
    sweep: async (now, budget) => {
      for (const { queue, claim } of notes.lastClaim.values())
        await storage.messages.apply({ ops: [{ kind: 'releaseIfLive', queue, claim }], now });
      notes.lastClaim.clear();
      return storage.messages.sweep(now, budget);
    },
  });
}
