import { MongoServerError, type Db, type IndexDescriptionInfo } from 'mongodb';
import { MarconiError } from '../../../errors/marconi-error.js';
import { codesOf } from './error-facts.js';
import { choicesOf, INDEXES, type DeclaredIndex, type IndexChoice } from './indexes.js';
import { retrying } from './retrying.js';

/** NotImplemented, CommandNotSupported, CannotCreateIndex, InvalidOptions, InvalidIndexSpecificationOption. */
const UNSUPPORTED = [238, 115, 67, 72, 197];
const NAMESPACE_NOT_FOUND = 26;

/** One declared index and how the server has it. */
export interface IndexReport {
  readonly index: DeclaredIndex;
  /** False when the server does without its TTL or its filter. */
  readonly complete: boolean;
}

/**
 * Makes the indexes that are missing; those that are there are only looked at, so that a user without the right to
 * make any will do then. Cores that start at once do not disturb each other. Rejects when one is there that is no
 * match, or cannot be made.
 */
export async function ensureIndexes(db: Db, declared: readonly DeclaredIndex[] = INDEXES): Promise<IndexReport[]> {
  const reports: IndexReport[] = [];
  for (const collection of new Set(declared.map((index) => index.collection))) {
    const present = await presentIndexes(db, collection);
    for (const index of declared.filter((other) => other.collection === collection)) {
      const found = present.get(index.name);
      reports.push(found === undefined ? await makeIndex(db, index) : match(index, found));
    }
  }
  return reports;
}

/** The indexes of a collection by name; none when the collection is not there. */
export async function presentIndexes(db: Db, collection: string): Promise<ReadonlyMap<string, IndexDescriptionInfo>> {
  try {
    const found = await retrying(() => db.collection(collection).indexes());
    return new Map(found.map((index) => [index.name ?? '', index]));
  } catch (error) {
    if (codesOf(error).includes(NAMESPACE_NOT_FOUND)) return new Map();
    throw error;
  }
}

async function makeIndex(db: Db, index: DeclaredIndex): Promise<IndexReport> {
  const choices = choicesOf(index);
  for (const [rank, choice] of choices.entries()) {
    try {
      await retrying(() => db.collection(index.collection).createIndex({ ...index.key }, driverOptions(choice)));
      return { index, complete: rank === 0 };
    } catch (error) {
      const made = (await presentIndexes(db, index.collection)).get(index.name);
      if (made !== undefined) return match(index, made);
      if (rank === choices.length - 1 || !isUnsupported(error)) throw error;
    }
  }
  throw new Error(`No way to make the index ${index.name}.`);
}

const isUnsupported = (error: unknown): boolean =>
  error instanceof MongoServerError && codesOf(error).some((code) => UNSUPPORTED.includes(code));

function driverOptions({ partialFilterExpression, ...choice }: IndexChoice) {
  return partialFilterExpression === undefined
    ? { ...choice }
    : { ...choice, partialFilterExpression: { ...partialFilterExpression } };
}

/** How an index of a declared name is: as declared, without its TTL or filter, or another one. */
export type IndexMatch = 'complete' | 'plain' | 'other';

/** Holds what is there to what is declared: TTL and filter may be missing, nothing else may differ. */
export function compareIndex(index: DeclaredIndex, found: IndexDescriptionInfo): IndexMatch {
  const { ttl = false, partial } = index;
  const hasTtl = found.expireAfterSeconds !== undefined;
  const hasFilter = found.partialFilterExpression !== undefined;
  const same =
    JSON.stringify(Object.entries(found.key)) === JSON.stringify(Object.entries(index.key)) &&
    (found.unique ?? false) === (index.unique ?? false) &&
    (ttl || !hasTtl) &&
    (partial !== undefined || !hasFilter);
  if (!same) return 'other';
  return hasTtl === ttl && hasFilter === (partial !== undefined) ? 'complete' : 'plain';
}

function match(index: DeclaredIndex, found: IndexDescriptionInfo): IndexReport {
  const how = compareIndex(index, found);
  if (how !== 'other') return { index, complete: how === 'complete' };
  throw new MarconiError(
    'STORAGE_UNAVAILABLE',
    `The collection ${index.collection} has an index "${index.name}" that is not Marconi's: ` +
      'drop it, or name another database.',
  );
}
