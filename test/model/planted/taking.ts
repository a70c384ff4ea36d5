import type { Statement } from '../../../src/storage/drivers/mongodb/collection.js';
import type { Collections } from '../../../src/storage/drivers/mongodb/collections.js';

type Messages = Collections['messages'];

/** Claims what was read, however it has changed in those fields since. */
export function unfenced(messages: Messages, ...fields: readonly string[]): Messages {
  const bulk: Messages['bulk'] = (statements, options) =>
    messages.bulk(
      statements.map((statement) => without(statement, fields)),
      options,
    );
  return Object.assign(Object.create(messages), { bulk });
}

function without(statement: Statement, fields: readonly string[]): Statement {
  const kept = Object.entries(statement.filter).filter(([field]) => !fields.includes(field));
  return { ...statement, filter: Object.fromEntries(kept) };
}
