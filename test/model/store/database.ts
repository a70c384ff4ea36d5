import type { Collections } from '../../../src/storage/drivers/mongodb/collections.js';
import { INDEXES } from '../../../src/storage/drivers/mongodb/indexes.js';
import { digest, EMPTY, minus, plus, type Digest } from '../explore/digest.js';
import { canonical, type Doc } from './values.js';

export type Name = keyof Collections;

/** One document written: null before it was made, null after it was deleted. */
export interface Write {
  readonly name: Name;
  readonly before: Doc | null;
  readonly after: Doc | null;
}

/** Unique keys beside `_id`, by collection. */
const UNIQUE = new Map<Name, readonly (readonly string[])[]>();
for (const { collection, unique, key } of INDEXES) {
  if (unique) UNIQUE.set(collection, [...(UNIQUE.get(collection) ?? []), Object.keys(key)]);
}

const digests = new WeakMap<Doc, Digest>();

/** Collections in memory. Every write is told to whoever watches, and changes the digest of the whole. */
export class Database {
  content: Digest = EMPTY;
  private readonly collections = new Map<Name, Map<string, Doc>>();

  constructor(private readonly watch: (write: Write) => void) {}

  /** All documents of a collection. */
  docs(name: Name): IterableIterator<Doc> {
    return this.collection(name).values();
  }

  get(name: Name, id: string): Doc | undefined {
    return this.collection(name).get(id);
  }

  /** False when the document's id or another unique key of it is taken. */
  insert(name: Name, doc: Doc): boolean {
    if (this.get(name, doc._id) !== undefined || this.clashes(name, doc)) return false;
    this.write({ name, before: null, after: doc });
    return true;
  }

  /** Throws as a server refuses, when another document has a unique key of the new version. */
  replace(name: Name, before: Doc, after: Doc): void {
    if (this.clashes(name, after)) throw new Error(`E11000 duplicate key in ${name}: ${canonical(after)}`);
    this.write({ name, before, after });
  }

  delete(name: Name, before: Doc): void {
    this.write({ name, before, after: null });
  }

  private write(write: Write): void {
    const { name, before, after } = write;
    if (before !== null) this.content = minus(this.content, digestOf(name, before));
    if (after !== null) this.content = plus(this.content, digestOf(name, after));
    if (after === null) this.collection(name).delete((before as Doc)._id);
    else this.collection(name).set(after._id, after);
    this.watch(write);
  }

  private clashes(name: Name, doc: Doc): boolean {
    const keys = UNIQUE.get(name) ?? [];
    if (keys.length === 0) return false;
    for (const other of this.docs(name)) {
      if (other._id !== doc._id && keys.some((key) => key.every((field) => other[field] === doc[field]))) return true;
    }
    return false;
  }

  private collection(name: Name): Map<string, Doc> {
    let found = this.collections.get(name);
    if (found === undefined) this.collections.set(name, (found = new Map()));
    return found;
  }
}

function digestOf(name: Name, doc: Doc): Digest {
  let known = digests.get(doc);
  if (known === undefined) digests.set(doc, (known = digest(`${name}${canonical(essence(name, doc))}`)));
  return known;
}

/** Without what no step goes by: the counter at which waiters look. */
function essence(name: Name, doc: Doc): object {
  if (name !== 'heads') return doc;
  const { v: _v, ...rest } = doc;
  return rest;
}
