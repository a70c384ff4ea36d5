/** What a delete of one message comes to. */
export type DeletionVerdict = 'delete' | 'claimed' | 'lost';

/** What the store knows when one message is to be deleted. */
export interface DeletionCase {
  /** The claim that the caller named; null when it named none. */
  readonly named: string | null;
  /** The live claim that holds the message; null when none does. */
  readonly holder: string | null;
  /** True when the named claim lives (it may hold other messages). */
  readonly namedLives: boolean;
}

/** Decides whether an existing message may be deleted (spec rest-v1 2.14, the last column of its table). */
export function judgeDeletion({ named, holder, namedLives }: DeletionCase): DeletionVerdict {
  if (named === null) return holder === null ? 'delete' : 'claimed';
  if (holder === named) return 'delete';
  if (holder === null) return 'lost';
  return namedLives ? 'claimed' : 'lost';
}
