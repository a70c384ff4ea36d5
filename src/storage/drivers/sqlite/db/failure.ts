/** What a failed statement means for the caller. */
export type FailureKind = 'full' | 'io' | 'busy' | 'corrupt' | 'other';

const KINDS: readonly (readonly [string, FailureKind])[] = [
  ['SQLITE_FULL', 'full'],
  ['SQLITE_IOERR', 'io'],
  ['SQLITE_CANTOPEN', 'io'],
  ['SQLITE_READONLY', 'io'],
  ['SQLITE_PROTOCOL', 'io'],
  ['SQLITE_BUSY', 'busy'],
  ['SQLITE_LOCKED', 'busy'],
  ['SQLITE_CORRUPT', 'corrupt'],
  ['SQLITE_NOTADB', 'corrupt'],
];

/** SQLite's name of what was thrown; empty when SQLite did not throw it. */
export function sqliteCode(thrown: unknown): string {
  const code = (thrown as { code?: unknown } | null)?.code;
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : '';
}

/** Sorts what SQLite threw; extended codes (SQLITE_IOERR_FSYNC) go with their base. */
export function failureKind(thrown: unknown): FailureKind {
  const code = sqliteCode(thrown);
  return KINDS.find(([name]) => code === name || code.startsWith(`${name}_`))?.[1] ?? 'other';
}
