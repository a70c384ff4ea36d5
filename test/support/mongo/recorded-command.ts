import type { Document } from 'mongodb';

/** What one statement of a command looks for. */
export interface Query {
  readonly collection: string;
  readonly filter: Document;
  /** Field → 1 or -1, in order of weight; empty when any order will do. */
  readonly sort: Readonly<Record<string, number>>;
  /** Documents at the most; null when it says nothing of it. */
  readonly limit: number | null;
  /** True when it changes or deletes every document that it finds. */
  readonly many: boolean;
}

/** A command as it was sent, and where it stands among the other beginnings and ends. */
export interface RecordedCommand {
  readonly name: string;
  readonly collection: string | null;
  /** As sent, with its concerns. */
  readonly body: Document;
  /** The number of the event that tells of its sending, counted from 1 over all commands. */
  readonly begun: number;
  /** The number of the event that tells of its answer; infinite while there is none. */
  ended: number;
}

/** What each statement of the command looks for; an insertion looks for nothing. */
export function queriesOf({ name, collection, body }: RecordedCommand): readonly Query[] {
  if (collection === null) return [];
  const query = (filter: unknown, more: Partial<Query> = {}): Query => {
    return { collection, filter: filter as Document, sort: {}, limit: null, many: false, ...more };
  };
  switch (name) {
    case 'find':
      return [query(body['filter'], { sort: sortOf(body['sort']), limit: Number(body['limit'] ?? 0) || null })];
    case 'findAndModify':
      return [query(body['query'], { sort: sortOf(body['sort']), limit: 1 })];
    case 'update':
      return statements(body, 'updates').map(({ q, multi }) => query(q, { many: multi === true }));
    case 'delete':
      return statements(body, 'deletes').map(({ q, limit }) => query(q, { many: limit !== 1 }));
    case 'distinct':
      // A server gives distinct values from an index alone if it has them in order.
      return [query(body['query'], { sort: { [String(body['key'])]: 1 } })];
    case 'aggregate':
      return listens(body) ? [] : [aggregation(stagesOf(body), query)];
    default:
      return [];
  }
}

/** The stages of an aggregation; none of another command. */
export function stagesOf(body: Document): readonly Document[] {
  return statements(body, 'pipeline');
}

/** True for the beginning of a change stream, which looks for nothing that is there already. */
export function listens(body: Document): boolean {
  return '$changeStream' in (stagesOf(body)[0] ?? {});
}

/** The conditions of a filter, each field's by itself. */
export function conditionsOf(filter: Document): readonly (readonly [field: string, condition: unknown])[] {
  return Object.entries(filter);
}

/** The operators of a condition; null for a plain value, which the field must have. */
export function operatorsOf(condition: unknown): Readonly<Record<string, unknown>> | null {
  if (typeof condition !== 'object' || condition === null) return null;
  const keys = Object.keys(condition);
  return keys.length > 0 && keys.every((key) => key.startsWith('$')) ? (condition as Record<string, unknown>) : null;
}

function statements(body: Document, part: string): readonly Document[] {
  return (body[part] as readonly Document[] | undefined) ?? [];
}

function aggregation(stages: readonly Document[], query: (filter: unknown, more: Partial<Query>) => Query): Query {
  const limit = stages.find((stage) => '$limit' in stage)?.['$limit'] as number | undefined;
  return query(stages[0]?.['$match'] ?? {}, { limit: limit ?? null });
}

/** The driver keeps the order of a sort in a Map. */
function sortOf(sort: unknown): Record<string, number> {
  if (sort === undefined) return {};
  return sort instanceof Map ? (Object.fromEntries(sort) as Record<string, number>) : (sort as Record<string, number>);
}
