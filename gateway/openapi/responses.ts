import type { schemas } from './schemas.js';

type SchemaName = keyof typeof schemas;

const text = { schema: { type: 'string' } };
const LOCATION = { Location: { ...text, description: 'An absolute path without scheme and host.' } };
const CONTENT_LOCATION = { 'Content-Location': { ...text, description: 'Path and query as received.' } };

/** Content of one schema. */
export function json(schema: SchemaName, type = 'application/json'): object {
  return { [type]: { schema: { $ref: `#/components/schemas/${schema}` } } };
}

/** A response with a body. */
export function shows(description: string, schema: SchemaName, type?: string): object {
  return { description, headers: CONTENT_LOCATION, content: json(schema, type) };
}

/** A response that made or changed something and tells where. */
export function locates(description: string, schema?: SchemaName): object {
  return { description, headers: LOCATION, ...(schema === undefined ? {} : { content: json(schema) }) };
}

/** A response without a body. */
export function empty(description: string): object {
  return { description };
}

const problem = (description: string) => ({ description, content: json('Error') });

/** Responses that any operation may give. */
export const responses = {
  BadRequest: problem('The request is wrong; the description says what was expected.'),
  Forbidden: problem('A live claim holds the message, and the request did not name it.'),
  NotFound: problem('There is no such thing in this project.'),
  NotAcceptable: problem('Accept does not admit application/json.'),
  KeyReused: problem('The Idempotency-Key was used before for a different post.'),
  Unavailable: {
    ...problem('The service is busy, full or cannot reach its storage.'),
    headers: { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds.' } },
  },
};

/** References to shared responses by status. */
export function failures(extra: Readonly<Record<string, keyof typeof responses>> = {}): Record<string, object> {
  const names = { '400': 'BadRequest', '406': 'NotAcceptable', '503': 'Unavailable', ...extra };
  return Object.fromEntries(
    Object.entries(names).map(([status, name]) => [status, { $ref: `#/components/responses/${name}` }]),
  );
}
