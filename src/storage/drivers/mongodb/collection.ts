/** Fields and what they must be, as MongoDB has it. */
export type Filter = Readonly<Record<string, unknown>>;

/** Update operators and what they do. */
export type Update = Readonly<Record<string, unknown>>;

/** Field → 1 to rise, -1 to fall, in order of weight. */
export type Sort = Readonly<Record<string, 1 | -1>>;

/** What of a query's result is wanted. */
export interface FindOptions {
  readonly sort?: Sort;
  /** Documents at the most; every query has a bound of its own. */
  readonly limit: number;
  /** Fields to leave out (0) or to keep (1). */
  readonly fields?: Readonly<Record<string, 0 | 1>>;
  /** Ends the reading early: called with each document, false for one that is not wanted any more. */
  readonly fits?: (doc: unknown) => boolean;
}

/** One statement of a bulk write, on one document. */
export type Statement =
  | { readonly kind: 'update'; readonly filter: Filter; readonly update: Update }
  | { readonly kind: 'delete'; readonly filter: Filter };

/** How many documents the statements of a bulk write found (update) and took away (delete). */
export interface BulkResult {
  readonly matched: number;
  readonly deleted: number;
}

/**
 * The few commands on a collection that the driver is made of; each statement is one atomic step on one document, and
 * each promise resolves once a majority has it in its journal, or gives what a majority has. Rejects with MarconiError.
 * Narrow, so that the order protocol is checked against a model of it, step by step.
 */
export interface DocCollection<T> {
  /** Inserts them in any order; the indexes of those whose unique key is taken, which change nothing. */
  insertAll(docs: readonly T[]): Promise<ReadonlySet<number>>;
  findOne(filter: Filter): Promise<T | null>;
  find(filter: Filter, options: FindOptions): Promise<T[]>;
  /** The document as it is after the update; null when none was found. */
  findOneAndUpdate(filter: Filter, update: Update): Promise<T | null>;
  /** True when the document was found; with `upsert`, true also when it was made. */
  updateOne(filter: Filter, update: Update, options?: { readonly upsert: boolean }): Promise<'found' | 'made' | 'none'>;
  /** Runs the statements: one after another if `ordered`, else in any order. */
  bulk(statements: readonly Statement[], options: { readonly ordered: boolean }): Promise<BulkResult>;
  /** Deletes every document found, which are few by the filter itself. */
  deleteAll(filter: Filter): Promise<number>;
  /** The distinct values of a field. */
  distinct(field: string, filter: Filter): Promise<unknown[]>;
  /** Documents found, at most `limit`, counted by the value of a field. */
  countBy(field: string, filter: Filter, limit: number): Promise<ReadonlyMap<unknown, number>>;
}
