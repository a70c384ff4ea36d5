import type { Reason } from '../../../src/errors/reasons.js';
import { sliceArray, sliceObject } from '../../../src/json/slice.js';
import { RestClient, type RestOptions, type RestResponse } from '../rest-client.js';
import {
  CLAIM_SPANS,
  DoorRefusal,
  Unsayable,
  withUnsayable,
  type Caller,
  type Claimed,
  type Claiming,
  type ClaimShown,
  type Door,
  type Listing,
  type Outcome,
  type Page,
  type Posted,
  type PostKey,
  type QueueShown,
  type Receipt,
  type Shown,
  type Stats,
} from './door.js';
import { fieldsOf } from './rest-fields.js';

/** The gateway, and what its log says of a request: v1's error document has no reason. */
export class RestLink {
  readonly client: RestClient;
  private requests = 0;

  constructor(
    url: string,
    private readonly reasonOf: (requestId: string) => Promise<string>,
  ) {
    this.client = new RestClient(url);
  }

  /** Sends a request. Rejects with DoorRefusal when it is refused. */
  async send(
    method: string,
    path: string,
    { project, client }: Caller,
    options: RestOptions = {},
  ): Promise<RestResponse> {
    const id = `doors-${this.requests++}`;
    // Header values are bytes, which Node.js writes as Latin-1.
    const named = project === null ? undefined : Buffer.from(project).toString('latin1');
    const headers = { 'X-Request-Id': id, 'X-Project-Id': named, 'Client-ID': client ?? undefined, ...options.headers };
    const answer = await this.client.send(method, path, { ...options, headers });
    if (answer.status < 400) return answer;
    throw await this.refusal(id, answer);
  }

  private async refusal(id: string, { status, text, headers }: RestResponse): Promise<DoorRefusal> {
    expect(headers['x-request-id']).toBe(id);
    const description = text === '' ? '' : (JSON.parse(text) as { description: string }).description;
    // What is refused before anything else is spent on it has no line in the log.
    const reason = description.startsWith(SHED) ? 'OVERLOADED' : await this.reasonOf(id);
    // GET of a queue that is not there has no error document, and is no failure in the log.
    if (status === 404 && reason === 'OK') return new DoorRefusal('QUEUE_NOT_FOUND', [], '404');
    return new DoorRefusal(reason as Reason, fieldsOf(description), description, headers['retry-after'] !== undefined);
  }
}

const SHED = 'Too many requests are under way.';

const idOf = (href: string): string => href.split('?')[0]!.split('/').at(-1)!;
const asText = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

/** A message, with the bytes of its body as they stand in the answer. */
function shown(document: Uint8Array): Shown {
  const members = sliceObject(document, ['href', 'ttl', 'age', 'body']);
  const id = idOf(JSON.parse(asText(members.get('href'))) as string);
  const body = Buffer.from(members.get('body')!);
  const numbers = { ttl: Number(asText(members.get('ttl'))), age: Number(asText(members.get('age'))) };
  return withUnsayable({ id, body, ...numbers }, ['contentType', 'marker', 'epoch', 'attempt']);
}

const messagesIn = (bytes: Uint8Array): Shown[] => (bytes.length === 0 ? [] : sliceArray(bytes).map(shown));

function parameters(values: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '');
  return given.length === 0 ? '' : `?${given.map(([key, value]) => `${key}=${encodeURIComponent(value!)}`).join('&')}`;
}

/** The v1 REST API. */
export class RestDoor implements Door {
  readonly name = 'REST';

  constructor(
    private readonly link: RestLink,
    private readonly caller: Caller,
  ) {}

  as(caller: Partial<Caller>): Door {
    return new RestDoor(this.link, { ...this.caller, ...caller });
  }

  async createQueue(queue: string): Promise<{ created: boolean }> {
    return { created: (await this.send('PUT', queue)).status === 201 };
  }

  async getQueue(queue: string): Promise<void> {
    await this.send('GET', queue);
  }

  async listQueues(page: Parameters<Door['listQueues']>[0] = {}): Promise<readonly QueueShown[]> {
    const { bytes } = await this.link.send('GET', `/v1/queues${parameters(page)}`, this.caller);
    if (bytes.length === 0) return [];
    return sliceArray(sliceObject(bytes, ['queues']).get('queues')!).map((entry) => {
      const members = sliceObject(entry, ['name', 'metadata']);
      const metadata = members.get('metadata');
      return { name: JSON.parse(asText(members.get('name'))) as string, metadata: metadata ? asText(metadata) : null };
    });
  }

  async setMetadata(queue: string, metadata: Buffer): Promise<void> {
    await this.send('PUT', queue, '/metadata', { body: metadata }).catch(whole('metadata'));
  }

  async getMetadata(queue: string): Promise<Buffer> {
    return (await this.send('GET', queue, '/metadata')).bytes;
  }

  async stats(queue: string): Promise<Stats> {
    const { messages } = (await this.send('GET', queue, '/stats')).json as Record<string, Record<string, never>>;
    const { total, claimed, free, oldest, newest } = messages as unknown as Record<string, number> &
      Record<'oldest' | 'newest', { href: string } | undefined>;
    const counts = { total: total!, claimed: claimed!, free: free! };
    return { ...counts, oldest: oldest ? idOf(oldest.href) : null, newest: newest ? idOf(newest.href) : null };
  }

  async deleteQueue(queue: string): Promise<{ deleted: boolean }> {
    await this.send('DELETE', queue);
    return withUnsayable({}, ['deleted']);
  }

  async post(queue: string, messages: readonly Posted[], key?: PostKey): Promise<Receipt> {
    const parts = messages.flatMap(({ body, ttl, contentType }, index) => {
      if (contentType !== undefined) throw new Unsayable('contentType');
      return [Buffer.from(`${index > 0 ? ',' : ''}{"ttl":${ttl},"body":`), body, Buffer.from('}')];
    });
    const body = Buffer.concat([Buffer.from('['), ...parts, Buffer.from(']')]);
    const options = { body, headers: idempotencyKey(key) };
    const answer = await this.send('POST', queue, '/messages', options).catch(whole('messages'));
    const ids = (answer.json as { resources: string[] }).resources.map(idOf);
    const duplicate = answer.headers['idempotent-replayed'] === 'true';
    return withUnsayable({ ids, duplicate }, ['markers', 'durability']);
  }

  async list(queue: string, { marker, limit, echo, includeClaimed }: Listing = {}): Promise<Page> {
    const query = parameters({ marker, limit, echo, include_claimed: includeClaimed });
    const { bytes } = await this.send('GET', queue, `/messages${query}`);
    if (bytes.length === 0) return withUnsayable({ messages: [] }, ['next']);
    const members = sliceObject(bytes, ['messages', 'links']);
    const [{ href }] = JSON.parse(asText(members.get('links'))) as [{ href: string }];
    const next = new URL(href, this.link.client.url).searchParams.get('marker')!;
    return { messages: messagesIn(members.get('messages')!), next };
  }

  async get(queue: string, id: string): Promise<Shown> {
    return shown((await this.send('GET', queue, `/messages/${encodeURIComponent(id)}`)).bytes);
  }

  async getMany(queue: string, ids: readonly string[]): Promise<readonly Shown[]> {
    return messagesIn((await this.send('GET', queue, `/messages?ids=${ids.join(',')}`)).bytes);
  }

  async remove(queue: string, id: string, claim?: string): Promise<{ deleted: boolean }> {
    await this.send('DELETE', queue, `/messages/${encodeURIComponent(id)}${parameters({ claim_id: claim })}`);
    return withUnsayable({}, ['deleted']);
  }

  async removeMany(queue: string, ids: readonly string[]): Promise<{ deleted: number }> {
    await this.send('DELETE', queue, `/messages?ids=${ids.join(',')}`);
    return withUnsayable({}, ['deleted']);
  }

  pop(): Promise<readonly Shown[]> {
    return Promise.reject(new Unsayable('pop'));
  }

  async claim(queue: string, claiming: Claiming = {}): Promise<Claimed | null> {
    const { ttl, grace, limit, wait, deadlineMs } = { ...CLAIM_SPANS, ...claiming };
    if (deadlineMs !== undefined) throw new Unsayable('a deadline');
    const answer = await this.send('POST', queue, `/claims${parameters({ limit, wait })}`, { body: { ttl, grace } });
    if (answer.status === 204) return null;
    return { id: idOf(String(answer.headers.location)), messages: messagesIn(answer.bytes) };
  }

  async getClaim(queue: string, claim: string): Promise<ClaimShown> {
    const { bytes } = await this.send('GET', queue, `/claims/${encodeURIComponent(claim)}`);
    const members = sliceObject(bytes, ['href', 'ttl', 'age', 'messages']);
    const numbers = { ttl: Number(asText(members.get('ttl'))), age: Number(asText(members.get('age'))) };
    const id = idOf(JSON.parse(asText(members.get('href'))) as string);
    return { id, ...numbers, messages: messagesIn(members.get('messages')!) };
  }

  async renew(queue: string, claim: string, spans: { ttl: number; grace?: number }): Promise<void> {
    await this.send('PATCH', queue, `/claims/${encodeURIComponent(claim)}`, { body: spans });
  }

  async release(queue: string, claim: string): Promise<{ released: number }> {
    await this.send('DELETE', queue, `/claims/${encodeURIComponent(claim)}`);
    return withUnsayable({}, ['released']);
  }

  /** v1 has no acknowledgement: a worker deletes each message under its claim, and is not told of one that is gone. */
  async acknowledge(queue: string, claim: string, ids: readonly string[]): Promise<readonly Outcome[]> {
    if (ids.length !== 1) throw new Unsayable('many acknowledgements in one call');
    try {
      await this.remove(queue, ids[0]!, claim);
      return ['ACKNOWLEDGED'];
    } catch (error) {
      const isLost = error instanceof DoorRefusal && ['CLAIM_LOST', 'MESSAGE_CLAIMED'].includes(error.reason);
      if (isLost) return ['CLAIM_LOST'];
      throw error;
    }
  }

  close(): void {
    // Requests hold nothing open.
  }

  private send(method: string, queue: string, rest = '', options: RestOptions = {}): Promise<RestResponse> {
    return this.link.send(method, `/v1/queues/${encodeURIComponent(queue)}${rest}`, this.caller, options);
  }
}

/** What is said of no member is said of the body, which is the field. */
const whole =
  (field: string) =>
  (error: unknown): never => {
    const isOfBody = error instanceof DoorRefusal && error.reason === 'INVALID_REQUEST' && error.fields.length === 0;
    throw isOfBody ? new DoorRefusal(error.reason, [field], error.message) : error;
  };

/** v1's own name for a post that may be repeated is one text. */
function idempotencyKey({ producer, sequence }: PostKey = {}): Record<string, string> {
  if (producer === undefined && sequence === undefined) return {};
  const isSound = producer !== undefined && sequence !== undefined && /^[ -~]{1,64}$/.test(producer);
  if (!isSound) throw new Unsayable('a producer');
  return { 'Idempotency-Key': `${producer}/${sequence}` };
}
