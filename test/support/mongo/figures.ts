import type { Operation, Recorded } from '../history/operations.js';

type Of<K extends Operation['kind']> = Recorded<Extract<Operation, { kind: K }>>;

/** What the clients of a history did, in numbers. */
export function figuresOf(records: readonly Recorded[]) {
  const of = <K extends Operation['kind']>(kind: K): readonly Of<K>[] =>
    records.filter(({ op }) => op.kind === kind) as unknown as readonly Of<K>[];
  const answered = (kind: Operation['kind']): number => of(kind).filter(({ ending }) => ending.kind === 'ok').length;
  const outcomes = of('remove').flatMap(({ ending }) => (ending.kind === 'ok' ? ending.result.outcomes : []));
  return {
    /** Different messages that were posted. */
    messages: new Set(of('post').flatMap(({ op }) => op.values.map((value) => `${op.queue} ${value}`))).size,
    posts: answered('post'),
    claims: answered('claim'),
    pages: answered('list'),
    /** Messages that were acknowledged. */
    removed: outcomes.filter((outcome) => outcome === 'removed').length,
    /** Calls without an answer. */
    doubtful: records.filter(({ ending }) => ending.kind === 'unknown').length,
  };
}
