import { readFileSync, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { MAX_PROJECT_LENGTH, type Project } from '../../domain/principal.js';
import { RIGHTS, type GrantedRight } from '../rights.js';
import { decodeKey } from './z85.js';

/** A key that may connect. */
export interface ClientKey {
  /** For logs. */
  readonly name: string;
  /** Hexadecimal. */
  readonly publicKey: string;
  readonly project: Project;
  readonly rights: readonly GrantedRight[];
}

/** More than any node serves; bounds what sessions may cost. */
const MAX_KEYS = 4_096;
const MAX_FILE_BYTES = 4 * 1024 * 1024;

const FILE = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64),
        key: z.string(),
        project: z
          .string()
          .refine((text) => text !== '' && [...text].length <= MAX_PROJECT_LENGTH)
          .nullable(),
        rights: z.array(z.enum(RIGHTS)).min(1),
      }),
    )
    .max(MAX_KEYS),
});

/** Reads a file of client keys. Throws with what is wrong, never with the keys themselves. */
export function parseClientKeys(path: string, text: string): ReadonlyMap<string, ClientKey> {
  const given = FILE.safeParse(parse(text));
  if (!given.success) throw new Error(`${path}: ${z.prettifyError(given.error)}`);
  const keys = new Map<string, ClientKey>();
  for (const { name, key, project, rights } of given.data.keys) {
    const publicKey = decodeKey(key)?.toString('hex');
    if (publicKey === undefined) throw new Error(`${path}: ${name}: expected a public key of 40 Z85 characters`);
    if (keys.has(publicKey)) throw new Error(`${path}: ${name}: its key stands twice`);
    keys.set(publicKey, { name, publicKey, project, rights });
  }
  return keys;
}

/** What became of a look at the file. */
export type Reload = 'same' | 'changed' | { readonly trouble: Error };

/** The keys of a file, as it was when it was last read and sound. */
export class ClientKeys {
  private keys: ReadonlyMap<string, ClientKey>;
  private seen: string;

  /** Throws when the file cannot be read or is not sound. */
  constructor(readonly path: string) {
    const facts = statSync(path);
    checkSize(path, facts.size);
    this.keys = parseClientKeys(path, readFileSync(path, 'utf8'));
    this.seen = stamp(facts);
  }

  /** @param publicKey hexadecimal */
  find(publicKey: string): ClientKey | undefined {
    return this.keys.get(publicKey);
  }

  /** Reads the file again when it has changed. One that is not sound leaves the keys as they are. */
  async reload(): Promise<Reload> {
    try {
      const facts = await stat(this.path);
      if (stamp(facts) === this.seen) return 'same';
      this.seen = stamp(facts);
      checkSize(this.path, facts.size);
      this.keys = parseClientKeys(this.path, await readFile(this.path, 'utf8'));
      return 'changed';
    } catch (error) {
      return { trouble: error as Error };
    }
  }
}

const stamp = ({ mtimeMs, size, ino }: { mtimeMs: number; size: number; ino: number }): string =>
  `${mtimeMs} ${size} ${ino}`;

function checkSize(path: string, size: number): void {
  if (size > MAX_FILE_BYTES) throw new Error(`${path}: it has ${size} bytes, more than ${MAX_FILE_BYTES}`);
}
