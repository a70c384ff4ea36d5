/** Shapes of the API's documents (spec rest-v1, section 2). */

const seconds = (least: number, most: number) => ({ type: 'integer', minimum: least, maximum: most });
const path = { type: 'string', pattern: '^/v1/' };
const closed = (properties: Record<string, object>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });

const nextLinks = {
  type: 'array',
  minItems: 1,
  maxItems: 1,
  items: closed({ rel: { const: 'next' }, href: path }),
  description: 'Where to go on; also on the last page, after which the link answers 204.',
};

const messageEnd = closed({
  href: path,
  age: { type: 'integer', minimum: 0, description: 'Whole seconds since it was posted.' },
  created: { type: 'string', format: 'date-time' },
});

/** The schemas of the document, by name. */
export const schemas = {
  Error: {
    type: 'object',
    properties: {
      title: { type: 'string' },
      description: { type: 'string', description: 'What was expected, for people.' },
      code: { type: 'integer' },
      link: closed({ text: { type: 'string' }, href: { type: 'string' }, rel: { const: 'help' } }),
    },
    required: ['title'],
  },
  Metadata: {
    type: 'object',
    description: 'Any JSON object of at most 65536 bytes; names at its top must not begin with "_".',
  },
  QueueList: closed({
    queues: {
      type: 'array',
      items: closed({ name: { type: 'string' }, href: path, metadata: ref('Metadata') }, ['name', 'href']),
    },
    links: nextLinks,
  }),
  Stats: closed({
    messages: closed(
      {
        claimed: { type: 'integer', minimum: 0 },
        free: { type: 'integer', minimum: 0 },
        total: { type: 'integer', minimum: 0 },
        oldest: messageEnd,
        newest: messageEnd,
      },
      ['claimed', 'free', 'total'],
    ),
  }),
  NewMessages: {
    type: 'array',
    minItems: 1,
    description: 'Stored all or none, in this order. The request has at most 262144 bytes.',
    items: {
      type: 'object',
      properties: { ttl: seconds(60, 1_209_600), body: { description: 'Any JSON value; kept byte for byte.' } },
      required: ['ttl', 'body'],
    },
  },
  Posted: closed({ resources: { type: 'array', items: path }, partial: { const: false } }),
  Message: closed({
    href: { ...path, description: 'Under a claim it carries claim_id: a DELETE on it as given deletes the message.' },
    ttl: { type: 'integer', minimum: 0, description: 'Seconds that it lives, as posted or lengthened by a claim.' },
    age: { type: 'integer', minimum: 0, description: 'Whole seconds since it was posted.' },
    body: { description: 'The body as posted; of another type than JSON: {"content_type", "base64"}.' },
  }),
  MessageList: closed({ messages: { type: 'array', items: ref('Message') }, links: nextLinks }),
  MessageArray: { type: 'array', items: ref('Message') },
  NewClaim: {
    type: 'object',
    properties: { ttl: seconds(60, 43_200), grace: seconds(60, 43_200) },
    required: ['ttl', 'grace'],
  },
  ClaimUpdate: {
    type: 'object',
    properties: { ttl: seconds(60, 43_200), grace: { ...seconds(0, 43_200), default: 0 } },
    required: ['ttl'],
  },
  Claim: closed({
    ttl: { type: 'integer' },
    age: { type: 'integer', minimum: 0, description: 'Whole seconds since it was made or last renewed.' },
    href: path,
    messages: { type: 'array', minItems: 1, items: ref('Message') },
  }),
  Home: { type: 'object', properties: { resources: { type: 'object' } }, required: ['resources'] },
};
