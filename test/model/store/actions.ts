import type {
  BulkResult,
  Filter,
  FindOptions,
  Sort,
  Statement,
  Update,
} from '../../../src/storage/drivers/mongodb/collection.js';
import { STAGED } from '../../../src/storage/drivers/mongodb/documents.js';
import type { Database, Name } from './database.js';
import { matches } from './filter.js';
import { updated } from './update.js';
import { compare, stored, type Doc } from './values.js';

/** What a step is about: one document, or any of a collection. */
export interface Access {
  readonly id?: string | undefined;
  readonly writes: boolean;
}

/** A command under way: atomic steps, others' steps in between. */
export interface Action<R> {
  /** What the step that may be next is about. */
  access(pick: number): Access;
  /** How many steps may be next: more than one where the server is free in the order. */
  alternatives(): number;
  /** Does the step; true when it was the last one. */
  step(pick: number): boolean;
  /** How far it has got. */
  progress(): unknown;
  result(): R;
}

/** A command that is one step. */
export function atOnce<R>(access: Access, run: () => R): Action<R> {
  let outcome: { readonly value: R } | undefined;
  return {
    access: () => access,
    alternatives: () => 1,
    step: () => {
      outcome = { value: run() };
      return true;
    },
    progress: () => null,
    result: () => (outcome as { readonly value: R }).value,
  };
}

/** Some steps, each done once: in any order, or in theirs, where those that are idle go with the next that is not. */
function several<S>(
  steps: readonly S[],
  ordered: boolean,
  idOf: (step: S) => unknown,
  run: (step: S) => void,
  isIdle: (step: S) => boolean = () => false,
) {
  const left = [...steps];
  return {
    access: (pick: number): Access => ({ id: idOf(left[pick] as S) as string | undefined, writes: true }),
    alternatives: () => (ordered ? 1 : left.length),
    step: (pick: number) => {
      while (ordered && left.length > 1 && isIdle(left[0] as S)) left.shift();
      const [next] = left.splice(pick, 1);
      run(next as S);
      return left.length === 0;
    },
    progress: () => left.map((step) => steps.indexOf(step)),
  };
}

/** Inserts one by one; which ones are taken. No order matters: what is inserted is of no concern to others yet. */
export function inserting(db: Database, name: Name, docs: readonly object[]): Action<ReadonlySet<number>> {
  const taken = new Set<number>();
  const insert = (index: number): void => {
    if (!db.insert(name, stored(docs[index] as Record<string, unknown>))) taken.add(index);
  };
  const idOf = (index: number): unknown => (docs[index] as Doc)._id;
  return { ...several([...docs.keys()], true, idOf, insert), result: () => taken };
}

/**
 * A bulk write: each statement is a step. With `skips`, one that places a message that has been placed is none, as it
 * finds nothing, now or later.
 */
export function writing(
  db: Database,
  name: Name,
  statements: readonly Statement[],
  { ordered, skips }: { readonly ordered: boolean; readonly skips: boolean },
): Action<BulkResult> {
  const result = { matched: 0, deleted: 0 };
  const write = (statement: Statement): void => {
    if (statement.kind === 'delete') result.deleted += deleteOne(db, name, statement.filter);
    else if (updateOne(db, name, statement.filter, statement.update, false) === 'found') result.matched++;
  };
  const isIdle = ({ filter }: Statement): boolean =>
    skips && filter['due'] === STAGED && findFirst(db, name, filter) === undefined;
  // With those that are left out, it is not known before which document the next step is about.
  const idOf = ({ filter }: Statement): unknown => (skips ? undefined : filter['_id']);
  const action = several(statements, ordered, idOf, write, isIdle);
  return { ...action, progress: () => [action.progress(), result.matched, result.deleted], result: () => result };
}

/** Deletes what is found, document by document. */
export function deleting(db: Database, name: Name, filter: Filter): Action<number> {
  let deleted = 0;
  return {
    access: () => ({ writes: true }),
    alternatives: () => 1,
    step: () => {
      const found = deleteOne(db, name, filter);
      deleted += found;
      return found === 0;
    },
    progress: () => deleted,
    result: () => deleted,
  };
}

export function updateOne(db: Database, name: Name, filter: Filter, update: Update, upsert: boolean) {
  const before = findFirst(db, name, filter);
  if (before !== undefined) {
    db.replace(name, before, updated(before, update, false));
    return 'found';
  }
  if (!upsert) return 'none';
  const { _id } = filter;
  if (typeof _id !== 'string') throw new Error('The model upserts by _id.');
  if (!db.insert(name, updated({ _id }, update, true))) throw new Error(`E11000 duplicate key in ${name}: ${_id}`);
  return 'made';
}

function deleteOne(db: Database, name: Name, filter: Filter): number {
  const found = findFirst(db, name, filter);
  if (found === undefined) return 0;
  db.delete(name, found);
  return 1;
}

/** The first by `_id`: statements on one document name one, so that it is of no importance which. */
export function findFirst(db: Database, name: Name, filter: Filter): Doc | undefined {
  const { _id } = filter;
  if (typeof _id === 'string') {
    const found = db.get(name, _id);
    return found !== undefined && matches(found, filter) ? found : undefined;
  }
  return findAll(db, name, filter)[0];
}

/** All that fit, in the order of the sort and then of `_id`. */
export function findAll(db: Database, name: Name, filter: Filter, sort: Sort = {}): readonly Doc[] {
  return [...db.docs(name)].filter((doc) => matches(doc, filter)).sort(inOrder(sort));
}

function inOrder(sort: Sort) {
  const fields = [...Object.entries(sort), ['_id', 1] as const];
  return (a: Doc, b: Doc): number => {
    for (const [field, way] of fields) {
      const order = compare(a[field], b[field]) * way;
      if (order !== 0) return order;
    }
    return 0;
  };
}

/** Reads everything at one moment. */
export function reading(db: Database, name: Name, filter: Filter, options: FindOptions): Action<Doc[]> {
  return atOnce({ writes: false }, () => {
    const found: Doc[] = [];
    for (const doc of findAll(db, name, filter, options.sort)) {
      if (found.length === options.limit || options.fits?.(doc) === false) break;
      found.push(projected(doc, options.fields));
    }
    return found;
  });
}

/**
 * Reads along an index: each step goes on to the next entry that is there by then, as a server does that yields to
 * others on the way.
 */
export function scanning(db: Database, name: Name, filter: Filter, options: FindOptions): Action<Doc[]> {
  const found: Doc[] = [];
  let last: Doc | undefined;
  const order = inOrder(options.sort ?? {});
  return {
    access: () => ({ writes: false }),
    alternatives: () => 1,
    step: () => {
      const from = last;
      last = findAll(db, name, filter, options.sort).find((doc) => from === undefined || order(doc, from) > 0);
      if (last === undefined || options.fits?.(last) === false) return true;
      found.push(projected(last, options.fields));
      return found.length === options.limit;
    },
    progress: () => found,
    result: () => found,
  };
}

function projected(doc: Doc, fields: FindOptions['fields'] = {}): Doc {
  if (Object.keys(fields).length === 0) return doc;
  const keeps = Object.values(fields).includes(1);
  const kept = Object.entries(doc).filter(([field]) =>
    keeps ? fields[field] === 1 || field === '_id' : fields[field] !== 0,
  );
  return Object.fromEntries(kept) as Doc;
}
