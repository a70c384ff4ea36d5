import { Agent, request, type IncomingMessage } from 'node:http';
import type { Removal } from '../history/index.js';
import { DoorError, unlessNotFound, type DoorClient, type DoorMessage } from './door-client.js';

/** Seconds that posted messages live: longer than any test. */
const TTL = 86_400;
const DEADLINE_MS = 30_000;

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** A client of the REST door at a URL; its calls end after 30 s. */
export function restClient(url: string, clientId = '6f0f1d0f8e0f4a7c9a55000000000002'): DoorClient {
  const agent = new Agent({ keepAlive: true });

  async function call(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const answer = await exchange(agent, `${url}${path}`, method, body, { 'Client-ID': clientId, ...headers });
    if (answer.status < 400) return answer;
    const hinted = answer.headers['retry-after'] !== undefined;
    throw new DoorError(String(answer.status), '', hinted, answer.text);
  }

  const of = (queue: string): string => `/v1/queues/${queue}`;
  return {
    door: 'rest',
    createQueue: async (queue) => void (await call('PUT', of(queue))),
    post: async (queue, bodies, key) => {
      const text = `[${bodies.map((body) => `{"ttl":${TTL},"body":${body}}`).join(',')}]`;
      const headers = key === undefined ? {} : { 'Idempotency-Key': `${key.producer}:${key.sequence}` };
      const answer = await call('POST', `${of(queue)}/messages`, text, headers);
      return (JSON.parse(answer.text) as { resources: string[] }).resources.map(idOf);
    },
    claim: async (queue, limit, ttl) => {
      const answer = await call('POST', `${of(queue)}/claims?limit=${limit}`, JSON.stringify({ ttl, grace: 60 }));
      if (answer.status === 204) return null;
      const id = String(answer.headers.location).split('/').at(-1) ?? '';
      return { id, messages: (JSON.parse(answer.text) as ShownMessage[]).map(shown) };
    },
    remove: async (queue, ids, claim) => {
      const removeOne = async (id: string): Promise<Removal> => {
        const path = `${of(queue)}/messages/${id}?claim_id=${encodeURIComponent(claim)}`;
        const answer = await call('DELETE', path).catch(refusedDeletion);
        return answer === 'refused' ? answer : 'gone';
      };
      return Promise.all(ids.map(removeOne));
    },
    release: async (queue, claim) => void (await call('DELETE', `${of(queue)}/claims/${claim}`)),
    renew: async (queue, claim, ttl) => {
      const renewed = call('PATCH', `${of(queue)}/claims/${claim}`, JSON.stringify({ ttl }));
      return renewed.then(() => true, unlessNotFound);
    },
    list: async (queue, marker, limit) => {
      const from = marker === '' ? '' : `&marker=${encodeURIComponent(marker)}`;
      const answer = await call('GET', `${of(queue)}/messages?echo=true&include_claimed=true&limit=${limit}${from}`);
      if (answer.status === 204) return { messages: [], next: marker };
      const page = JSON.parse(answer.text) as { messages: ShownMessage[]; links: { href: string }[] };
      const next = new URL(page.links[0]?.href ?? '', url).searchParams.get('marker') ?? '';
      return { messages: page.messages.map(shown), next };
    },
    total: async (queue) => {
      const answer = await call('GET', `${of(queue)}/stats`);
      return (JSON.parse(answer.text) as { messages: { total: number } }).messages.total;
    },
    health: async () => void (await call('GET', '/v1/health')),
    close: () => agent.destroy(),
  };
}

interface ShownMessage {
  readonly href: string;
  readonly body: unknown;
}

function shown({ href, body }: ShownMessage): DoorMessage {
  return { id: idOf(href), body: JSON.stringify(body) };
}

/** The claim does not hold the message (400), or another one does (403): the message is left as it was. */
function refusedDeletion(error: unknown): 'refused' {
  if (error instanceof DoorError && ['400', '403'].includes(error.status)) return 'refused';
  throw error;
}

function idOf(href: string): string {
  return href.replace(/^.*\/messages\//, '').replace(/\?.*$/, '');
}

function exchange(
  agent: Agent,
  url: string,
  method: string,
  body: string | undefined,
  headers: Record<string, string>,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const lost = (error: Error): void => reject(new DoorError('LOST', '', false, error.message));
    const call = request(url, { agent, method, timeout: DEADLINE_MS, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', lost);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(parts).toString('utf8'),
        }),
      );
    });
    call.on('error', lost);
    call.on('timeout', () => call.destroy(new Error('no answer in time')));
    call.end(body);
  });
}
