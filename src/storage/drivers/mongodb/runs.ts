import type { MessageOp } from '../../ports/index.js';

/** Kinds of steps that are carried out together. */
const FAMILIES = {
  open: 'open',
  fence: 'fence',
  post: 'post',
  claimNext: 'take',
  popNext: 'take',
  renewIfLive: 'settle',
  releaseIfLive: 'settle',
  deleteIfAllowed: 'settle',
  deleteAll: 'settle',
  acknowledgeIfHolder: 'settle',
} as const satisfies Record<MessageOp['kind'], string>;

type Families = typeof FAMILIES;

/** A family of alike steps. */
export type Family = Families[MessageOp['kind']];

/** The steps of a family. */
export type OpOf<F extends Family> = Extract<
  MessageOp,
  { kind: { [K in keyof Families]: Families[K] extends F ? K : never }[keyof Families] }
>;

/** Steps that follow each other, of one queue and one family. */
export interface Run {
  readonly family: Family;
  readonly uid: string;
  readonly ops: readonly MessageOp[];
}

/** Cuts a batch into runs of alike steps, in order. */
export function runsOf(ops: readonly MessageOp[]): readonly Run[] {
  const runs: { family: Family; uid: string; ops: MessageOp[] }[] = [];
  for (const op of ops) {
    const family = FAMILIES[op.kind];
    const last = runs.at(-1);
    if (last?.family === family && last.uid === op.queue.uid) last.ops.push(op);
    else runs.push({ family, uid: op.queue.uid, ops: [op] });
  }
  return runs;
}
