import type { Document } from 'mongodb';
import type { DeclaredIndex } from '../../../src/storage/drivers/mongodb/indexes.js';
import { conditionsOf, operatorsOf, type Query } from './recorded-command.js';

/** What the judge needs to know of an index. */
export type JudgedIndex = Pick<DeclaredIndex, 'collection' | 'name' | 'key' | 'unique' | 'partial'>;

/** A field that is looked at in the documents that an index gives, and why that is bounded. */
export interface Residual {
  readonly collection: string;
  readonly index: string;
  readonly field: string;
  readonly reason: string;
}

/** How an index serves a query. */
export interface IndexUse {
  readonly index: string;
  /** Fields of its key that the query bounds, from the first. */
  readonly bounded: number;
  /** Fields of the query that no index holds, for which there are documents to be read. */
  readonly residual: readonly string[];
  /** True when each combination of the values that are asked for is in one document at the most. */
  readonly unique: boolean;
}

/** A server merges so many ranges of an index in the order of a sort; beyond, it sorts in memory. */
const MAX_MERGED = 200;

const RANGES = new Set(['$gt', '$gte', '$lt', '$lte']);

/**
 * The best of the indexes for a query, or null when none will do: fields that must equal something first, then those of
 * the sort, then one range; other fields must be further on in the index, so that they are judged without reading a
 * document, or be residual for a stated reason, or concern a single document that a unique key names.
 */
export function indexFor(
  query: Query,
  indexes: readonly JudgedIndex[],
  residuals: readonly Residual[] = [],
): IndexUse | null {
  const id: JudgedIndex = {
    collection: query.collection as JudgedIndex['collection'],
    name: '_id',
    key: { _id: 1 },
    unique: true,
  };
  const uses = [id, ...indexes]
    .filter((index) => index.collection === query.collection)
    .flatMap((index) => useOf(query, index) ?? [])
    .filter((use) => use.unique || use.residual.every((field) => isExcused(residuals, query, use, field)));
  return uses.sort(byWorth)[0] ?? null;
}

function isExcused(residuals: readonly Residual[], { collection }: Query, { index }: IndexUse, field: string): boolean {
  return residuals.some((other) => other.collection === collection && other.index === index && other.field === field);
}

function byWorth(a: IndexUse, b: IndexUse): number {
  return Number(b.unique) - Number(a.unique) || a.residual.length - b.residual.length || b.bounded - a.bounded;
}

/** How the index serves the query, leaving aside whether its residual fields are excused; null when it does not. */
function useOf({ filter, sort, limit }: Query, { name, key, unique, partial }: JudgedIndex): IndexUse | null {
  if (partial !== undefined && !implies(filter, partial)) return null;
  const fields = Object.keys(key);
  const points = countWhile(fields, (field) => pointsOf(filter[field]) > 0);
  const whole = unique === true && points === fields.length;
  if (!whole && !isInOrder(filter, sort, fields, points)) return null;
  const ranged = isRange(filter[fields[points] ?? '']);
  const bounded = points + (ranged ? 1 : 0);
  // Read from its beginning, up to a limit, an index need not be bounded.
  const walked = limit !== null && Object.keys(sort).length > 0;
  if (bounded === 0 && !walked) return null;
  const residual = conditionsOf(filter).flatMap(([field]) => (fields.includes(field) ? [] : [field]));
  return { index: name, bounded, residual, unique: whole };
}

/** True when the index gives what it finds by its first fields in the order of the sort, one way or the other. */
function isInOrder(filter: Document, sort: Query['sort'], fields: readonly string[], points: number): boolean {
  const wanted = Object.entries(sort).filter(([field]) => pointsOf(filter[field]) !== 1);
  if (wanted.length === 0) return true;
  const merged = fields.slice(0, points).reduce((product, field) => product * pointsOf(filter[field]), 1);
  const oneWay = new Set(wanted.map(([, way]) => way)).size === 1;
  return merged <= MAX_MERGED && oneWay && wanted.every(([field], at) => field === fields[points + at]);
}

/** Values that the field may have; 0 when they are not told one by one. */
function pointsOf(condition: unknown): number {
  if (condition === undefined) return 0;
  const operators = operatorsOf(condition);
  if (operators === null) return 1;
  const { $in, $eq } = operators;
  if (Array.isArray($in)) return new Set($in).size;
  return $eq === undefined ? 0 : 1;
}

function isRange(condition: unknown): boolean {
  const operators = operatorsOf(condition);
  return operators !== null && Object.keys(operators).every((operator) => RANGES.has(operator));
}

/** True when all that the filter finds is in an index of those that are above the bounds of `partial`. */
function implies(filter: Document, partial: Document): boolean {
  return conditionsOf(partial).every(([field, bound]) => {
    const { $gt, ...others } = operatorsOf(bound) ?? {};
    if (typeof $gt !== 'string' || Object.keys(others).length > 0)
      throw new Error(`Unknown partial filter on ${field}`);
    const condition: unknown = filter[field];
    const values = (operatorsOf(condition)?.['$in'] ?? [condition]) as readonly unknown[];
    return values.every((value) => typeof value === 'string' && value > $gt);
  });
}

function countWhile<T>(items: readonly T[], holds: (item: T) => boolean): number {
  const end = items.findIndex((item) => !holds(item));
  return end === -1 ? items.length : end;
}
