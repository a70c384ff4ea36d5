import {
  MongoBulkWriteError,
  type AnyBulkWriteOperation,
  type Collection,
  type Filter as DriverFilter,
  type FindOptions as DriverFindOptions,
  type OptionalUnlessRequiredId,
  type WithId,
} from 'mongodb';
import type { BulkResult, DocCollection, Filter, FindOptions, Statement, Update } from './collection.js';
import { DUPLICATE_KEY, failure, failureHalfWay, isDuplicateKey } from './errors.js';
import { inTime } from './in-time.js';

/** Documents that come with the first answer to a query: more than any page, so that a page is one round trip. */
const FIRST_BATCH = 2_000;

/** A collection of a MongoDB server. */
export class MongoCollection<T extends { _id: string }> implements DocCollection<T> {
  constructor(
    private readonly collection: Collection<T>,
    private readonly limitMs: number,
  ) {}

  async insertAll(docs: readonly T[]): Promise<ReadonlySet<number>> {
    if (docs.length === 0) return new Set();
    try {
      const all = docs as unknown as OptionalUnlessRequiredId<T>[];
      await inTime(this.limitMs, () => this.collection.insertMany(all, { ordered: false }));
      return new Set();
    } catch (error) {
      const taken = takenKeys(error);
      if (taken === null) throw failure(error);
      return taken;
    }
  }

  findOne(filter: Filter): Promise<T | null> {
    return this.run(async () => (await this.collection.findOne(filter as DriverFilter<T>)) as T | null);
  }

  find(filter: Filter, { sort, limit, fields, fits }: FindOptions): Promise<T[]> {
    return this.run(async () => {
      const options: DriverFindOptions = { limit, batchSize: Math.min(limit, FIRST_BATCH) + 1 };
      if (sort !== undefined) options.sort = sort;
      if (fields !== undefined) options.projection = fields;
      const cursor = this.collection.find(filter as DriverFilter<T>, options);
      if (fits === undefined) return (await cursor.toArray()) as unknown as T[];
      const found: T[] = [];
      try {
        for (let doc = await cursor.next(); doc !== null && fits(doc); doc = await cursor.next()) {
          found.push(doc as unknown as T);
        }
      } finally {
        // Not waited for: the server is told to let go of the rest, or does so by itself.
        void cursor.close().catch(() => undefined);
      }
      return found;
    });
  }

  findOneAndUpdate(filter: Filter, update: Update): Promise<T | null> {
    return this.run(async () => {
      const options = { returnDocument: 'after' } as const;
      const doc = await this.collection.findOneAndUpdate(filter as DriverFilter<T>, update, options);
      return doc as WithId<T> as unknown as T | null;
    });
  }

  async updateOne(filter: Filter, update: Update, { upsert } = { upsert: false }): Promise<'found' | 'made' | 'none'> {
    try {
      const result = await inTime(this.limitMs, () =>
        this.collection.updateOne(filter as DriverFilter<T>, update, { upsert }),
      );
      if (result.upsertedCount > 0) return 'made';
      return result.matchedCount > 0 ? 'found' : 'none';
    } catch (error) {
      // Two upserts of one key at once: the other one made it.
      if (upsert && isDuplicateKey(error)) return this.updateOne(filter, update, { upsert: false });
      throw failure(error);
    }
  }

  async bulk(statements: readonly Statement[], { ordered }: { readonly ordered: boolean }): Promise<BulkResult> {
    if (statements.length === 0) return { matched: 0, deleted: 0 };
    try {
      const all = statements.map(driverStatement<T>);
      const result = await inTime(this.limitMs, () => this.collection.bulkWrite(all, { ordered }));
      return { matched: result.matchedCount, deleted: result.deletedCount };
    } catch (error) {
      // The server was at it, or had done the updates when the deletions were refused.
      const begun = error instanceof MongoBulkWriteError || new Set(statements.map(({ kind }) => kind)).size > 1;
      throw begun ? failureHalfWay(error) : failure(error);
    }
  }

  deleteAll(filter: Filter): Promise<number> {
    return this.run(async () => (await this.collection.deleteMany(filter as DriverFilter<T>)).deletedCount);
  }

  distinct(field: string, filter: Filter): Promise<unknown[]> {
    return this.run(async () => this.collection.distinct(field, filter as DriverFilter<T>) as Promise<unknown[]>);
  }

  countBy(field: string, filter: Filter, limit: number): Promise<ReadonlyMap<unknown, number>> {
    return this.run(async () => {
      const groups = await this.collection
        .aggregate<{ _id: unknown; count: number }>([
          { $match: filter },
          { $limit: limit },
          { $group: { _id: `$${field}`, count: { $sum: 1 } } },
        ])
        .toArray();
      return new Map(groups.map(({ _id, count }) => [_id, count]));
    });
  }

  private async run<R>(command: () => Promise<R>): Promise<R> {
    try {
      return await inTime(this.limitMs, command);
    } catch (error) {
      throw failure(error);
    }
  }
}

function driverStatement<T extends { _id: string }>(statement: Statement): AnyBulkWriteOperation<T> {
  const filter = statement.filter as DriverFilter<T>;
  if (statement.kind === 'delete') return { deleteOne: { filter } };
  return { updateOne: { filter, update: statement.update } };
}

/** The indexes of the documents whose key was taken; null when anything else went wrong too. */
function takenKeys(error: unknown): ReadonlySet<number> | null {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError() !== undefined) return null;
  const errors = error.result.getWriteErrors();
  if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) return null;
  return new Set(errors.map(({ index }) => index));
}
