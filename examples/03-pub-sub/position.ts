/** Where a subscriber is in its queue: the marker of the last message that it has dealt with, kept in a file. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const file = process.argv[4] ?? join(tmpdir(), 'marconi-news-position');

/** Null: there is none yet. */
export function readPosition(): number | null {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : null;
}

/** Replaces the file whole: half a number would be another position. */
export function keepPosition(position: number): void {
  writeFileSync(`${file}.new`, String(position));
  renameSync(`${file}.new`, file);
}
