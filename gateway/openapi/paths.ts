import { refer, type ParameterName } from './parameters.js';
import { empty, failures, json, locates, shows } from './responses.js';
import type { schemas } from './schemas.js';

interface Described {
  readonly id: string;
  readonly summary: string;
  readonly tag: 'Node' | 'Queues' | 'Messages' | 'Claims';
  readonly parameters?: readonly ParameterName[];
  readonly body?: keyof typeof schemas;
  readonly answers: Readonly<Record<string, object>>;
}

function operation({ id, summary, tag, parameters = [], body, answers }: Described): object {
  const requestBody = body === undefined ? {} : { requestBody: { required: true, content: json(body) } };
  return {
    operationId: id,
    summary,
    tags: [tag],
    parameters: refer('project', ...parameters),
    ...requestBody,
    responses: { ...answers, ...failures() },
  };
}

const missing = failures({ '404': 'NotFound' });

/** The paths of v1; each operationId is the name that metrics and traces use. */
export const paths = {
  '/v1': {
    get: operation({
      id: 'get-home',
      summary: 'What the API offers, as JSON-home',
      tag: 'Node',
      answers: { '200': shows('The home document.', 'Home', 'application/json-home') },
    }),
  },
  '/v1/health': {
    get: operation({
      id: 'get-health',
      summary: 'Whether the storage can be reached',
      tag: 'Node',
      answers: { '204': empty('It can.') },
    }),
    head: operation({
      id: 'head-health',
      summary: 'Whether the gateway lives',
      tag: 'Node',
      answers: { '204': empty('It does.') },
    }),
  },
  '/v1/queues': {
    get: operation({
      id: 'list-queues',
      summary: 'List queues by name',
      tag: 'Queues',
      parameters: ['marker', 'limit', 'detailed'],
      answers: { '200': shows('A page of queues.', 'QueueList'), '204': empty('No queues, or past the end.') },
    }),
  },
  '/v1/queues/{queue_name}': {
    parameters: refer('queue'),
    put: operation({
      id: 'put-queue',
      summary: 'Create a queue',
      tag: 'Queues',
      answers: { '201': locates('It is new.'), '204': locates('It was there; nothing changed.') },
    }),
    get: operation({
      id: 'get-queue',
      summary: 'Check that a queue exists',
      tag: 'Queues',
      answers: { '204': empty('It does.'), '404': empty('It does not.') },
    }),
    head: operation({
      id: 'head-queue',
      summary: 'Check that a queue exists',
      tag: 'Queues',
      answers: { '204': empty('It does.'), '404': empty('It does not.') },
    }),
    delete: operation({
      id: 'delete-queue',
      summary: 'Delete a queue with its messages and claims',
      tag: 'Queues',
      answers: { '204': empty('It is gone, or never was.') },
    }),
  },
  '/v1/queues/{queue_name}/metadata': {
    parameters: refer('queue'),
    get: operation({
      id: 'get-queue-metadata',
      summary: "Get a queue's metadata",
      tag: 'Queues',
      answers: { '200': shows('The metadata.', 'Metadata'), ...missing },
    }),
    put: operation({
      id: 'put-queue-metadata',
      summary: "Replace a queue's metadata",
      tag: 'Queues',
      body: 'Metadata',
      answers: { '204': locates('Stored.'), ...missing },
    }),
  },
  '/v1/queues/{queue_name}/stats': {
    parameters: refer('queue'),
    get: operation({
      id: 'get-queue-stats',
      summary: "Count a queue's messages",
      tag: 'Queues',
      answers: { '200': shows('The numbers, all of one moment.', 'Stats'), ...missing },
    }),
  },
  '/v1/queues/{queue_name}/messages': {
    parameters: refer('queue'),
    post: operation({
      id: 'post-messages',
      summary: 'Post messages, all or none',
      tag: 'Messages',
      parameters: ['clientId', 'idempotencyKey'],
      body: 'NewMessages',
      answers: {
        '201': locates('All are stored.', 'Posted'),
        ...failures({ '404': 'NotFound', '422': 'KeyReused' }),
      },
    }),
    get: operation({
      id: 'list-messages',
      summary: 'List messages, or get several by their ids',
      tag: 'Messages',
      parameters: ['clientId', 'marker', 'limit', 'echo', 'includeClaimed', 'ids'],
      answers: {
        '200': {
          ...shows('A page of messages; with ids, an array of those that exist.', 'MessageList'),
          content: {
            'application/json': {
              schema: {
                oneOf: [{ $ref: '#/components/schemas/MessageList' }, { $ref: '#/components/schemas/MessageArray' }],
              },
            },
          },
        },
        '204': empty('None.'),
      },
    }),
    delete: operation({
      id: 'delete-messages',
      summary: 'Delete messages by their ids, claimed or not',
      tag: 'Messages',
      parameters: ['ids'],
      answers: { '204': empty('They are gone, or never were.') },
    }),
  },
  '/v1/queues/{queue_name}/messages/{message_id}': {
    parameters: refer('queue', 'message'),
    get: operation({
      id: 'get-message',
      summary: 'Get a message',
      tag: 'Messages',
      answers: { '200': shows('The message.', 'Message'), ...missing },
    }),
    delete: operation({
      id: 'delete-message',
      summary: 'Delete a message',
      tag: 'Messages',
      parameters: ['claimProof'],
      answers: { '204': empty('It is gone, or never was.'), ...failures({ '403': 'Forbidden' }) },
    }),
  },
  '/v1/queues/{queue_name}/claims': {
    parameters: refer('queue'),
    post: operation({
      id: 'create-claim',
      summary: 'Claim messages',
      tag: 'Claims',
      parameters: ['limit', 'wait'],
      body: 'NewClaim',
      answers: { '201': locates('The messages that were claimed.', 'MessageArray'), '204': empty('Nothing to claim.') },
    }),
  },
  '/v1/queues/{queue_name}/claims/{claim_id}': {
    parameters: refer('queue', 'claim'),
    get: operation({
      id: 'get-claim',
      summary: 'Query a claim',
      tag: 'Claims',
      answers: { '200': shows('The claim with the messages still under it.', 'Claim'), ...missing },
    }),
    patch: operation({
      id: 'update-claim',
      summary: 'Renew a claim',
      tag: 'Claims',
      body: 'ClaimUpdate',
      answers: { '204': empty('It ends ttl seconds from now.'), ...missing },
    }),
    delete: operation({
      id: 'release-claim',
      summary: 'Release a claim',
      tag: 'Claims',
      answers: { '204': empty('Its messages are claimable again.') },
    }),
  },
};
