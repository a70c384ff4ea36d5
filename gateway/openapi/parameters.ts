/** Parameters and headers that several operations share. */

const query = (name: string, description: string, schema: object) => ({ name, in: 'query', description, schema });
const inPath = (name: string, description: string, schema: object = { type: 'string' }) => ({
  name,
  in: 'path',
  required: true,
  description,
  schema,
});
const header = (name: string, description: string, schema: object, required = false) => ({
  name,
  in: 'header',
  required,
  description,
  schema,
});

const uuid = { type: 'string', examples: ['3381af92-2b9e-11e3-b191-71861300734c'] };
const page = { type: 'integer', minimum: 1, maximum: 20, default: 10 };

/** The parameters of the document, by name. */
export const parameters = {
  queue: inPath('queue_name', 'The queue.', { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,64}$' }),
  message: inPath('message_id', 'The message; one of the wrong form does not exist.'),
  claim: inPath('claim_id', 'The claim; one of the wrong form does not exist.'),
  project: header('X-Project-Id', 'The tenant; absent: the global project.', {
    type: 'string',
    minLength: 1,
    maxLength: 256,
  }),
  clientId: header('Client-ID', 'A UUID that names the client, to leave out its own messages.', uuid, true),
  idempotencyKey: header(
    'Idempotency-Key',
    'An extension: a repeat with the same key within the window (1 hour) stores nothing and gives the first answer again.',
    { type: 'string', minLength: 1, maxLength: 255 },
  ),
  marker: query('marker', 'Where to go on, from a next link.', { type: 'string' }),
  limit: query('limit', 'The most that is returned.', page),
  detailed: query('detailed', 'With the metadata of each queue.', { type: 'boolean', default: false }),
  echo: query('echo', "Also messages posted under the caller's Client-ID.", { type: 'boolean', default: false }),
  includeClaimed: query('include_claimed', 'Also messages under a live claim.', { type: 'boolean', default: false }),
  ids: {
    ...query('ids', 'Message ids, at most 20.', { type: 'array', items: { type: 'string' } }),
    style: 'form',
    explode: false,
  },
  claimProof: query('claim_id', 'The claim that holds the message.', { type: 'string' }),
  wait: query('wait', 'An extension: seconds to wait for a message when none is claimable.', {
    type: 'integer',
    minimum: 0,
    maximum: 30,
    default: 0,
  }),
};

/** Names of parameters. */
export type ParameterName = keyof typeof parameters;

/** References to parameters by their names. */
export function refer(...names: ParameterName[]): object[] {
  return names.map((name) => ({ $ref: `#/components/parameters/${name}` }));
}
