import { isDeepStrictEqual } from 'node:util';
import type { Document } from 'mongodb';
import {
  conditionsOf,
  listens,
  operatorsOf,
  queriesOf,
  stagesOf,
  type Query,
  type RecordedCommand,
} from './recorded-command.js';

/** Values in one `$in` or `$nin` at the most. */
export const MAX_IN = 1_000;

const WRITES = new Set(['insert', 'update', 'delete', 'findAndModify', 'createIndexes']);
const READS = new Set(['find', 'aggregate', 'distinct']);
/** What goes on with a read, or reads no data: it takes no concern of its own. */
const OTHERS = new Set(['getMore', 'killCursors', 'listIndexes', 'endSessions']);
const STAGES = new Set(['$match', '$limit', '$group']);

/** Fields that a filter must name a value of, so that one shard alone is asked. */
const SHARD_KEYS: Readonly<Record<string, readonly string[]>> = {
  messages: ['uid'],
  posts: ['uid'],
  heads: ['_id'],
  queues: ['project'],
  meta: ['_id'],
};

/** What is wrong with how far the command waits for, or what it may read: nothing when the list is empty. */
export function concernFaults({ name, body }: RecordedCommand): readonly string[] {
  const { writeConcern, readConcern, $readPreference } = body as Record<string, Document | undefined>;
  if (WRITES.has(name)) {
    const { w, j } = writeConcern ?? {};
    return w === 'majority' && j === true ? [] : [`${name} waits for ${JSON.stringify(writeConcern)}`];
  }
  if (OTHERS.has(name)) return [];
  if (!READS.has(name)) return [`${name} is no command that the driver may send`];
  const level = readConcern?.['level'] as unknown;
  const mode: unknown = $readPreference?.['mode'] ?? 'primary';
  return [
    ...(level === 'majority' ? [] : [`${name} reads with ${JSON.stringify(readConcern)}`]),
    ...(mode === 'primary' ? [] : [`${name} reads from ${JSON.stringify($readPreference)}`]),
  ];
}

/** What any command must not be: part of a transaction, without a bound, or an aggregation of more than counting. */
export function boundFaults(command: RecordedCommand): readonly string[] {
  const { name, body } = command;
  const stages = listens(body) ? [] : stagesOf(body);
  return [
    ...('startTransaction' in body || 'autocommit' in body ? [`${name} is in a transaction`] : []),
    ...stages.flatMap((stage) => Object.keys(stage).flatMap((key) => (STAGES.has(key) ? [] : [`${key} in ${name}`]))),
    ...queriesOf(command).flatMap(({ filter, limit }) => [
      ...((name === 'find' || name === 'aggregate') && limit === null ? [`${name} without a limit`] : []),
      ...longLists(filter).map((field) => `${name} with a long list for ${field}`),
    ]),
  ];
}

/** What a command must not be that somebody waits for: one that asks all shards, or changes many documents at once. */
export function hotFaults(command: RecordedCommand): readonly string[] {
  return queriesOf(command).flatMap((query) => [
    ...(hasShardKey(query) ? [] : [`${command.name} on ${query.collection} without its shard key`]),
    ...(query.many ? [`${command.name} of many documents of ${query.collection}`] : []),
  ]);
}

function hasShardKey({ collection, filter }: Query): boolean {
  const fields = SHARD_KEYS[collection];
  return fields !== undefined && fields.every((field) => isNamed(filter[field]));
}

/** True for a value, or a list of them, each of which names its shard. */
function isNamed(condition: unknown): boolean {
  if (condition === undefined) return false;
  const operators = operatorsOf(condition);
  return operators === null || isDeepStrictEqual(Object.keys(operators), ['$in']);
}

function longLists(filter: Document): readonly string[] {
  return conditionsOf(filter).flatMap(([field, condition]) => {
    const lists = Object.values(operatorsOf(condition) ?? {}).filter(Array.isArray);
    return lists.some((list) => list.length > MAX_IN) ? [field] : [];
  });
}
