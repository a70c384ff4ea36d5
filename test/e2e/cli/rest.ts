import { randomUUID } from 'node:crypto';

const CLIENT_ID = randomUUID();
const HEADERS = { 'Client-ID': CLIENT_ID, 'Content-Type': 'application/json' };

/** What a test needs of the REST API: a queue and its messages. */
export class RestQueue {
  private readonly url: string;

  constructor(
    readonly restUrl: string,
    name = 'work',
  ) {
    this.url = `${restUrl}/v1/queues/${name}`;
  }

  /** The status of PUT. */
  async create(): Promise<number> {
    return (await fetch(this.url, { method: 'PUT' })).status;
  }

  /** Posts one message; its id, or the status that refused it. */
  async post(body: unknown): Promise<{ id: string } | { status: number }> {
    const text = JSON.stringify([{ ttl: 3600, body }]);
    const answer = await fetch(`${this.url}/messages`, { method: 'POST', headers: HEADERS, body: text });
    if (answer.status !== 201) return { status: answer.status };
    const { resources } = (await answer.json()) as { resources: string[] };
    return { id: resources[0]!.split('/').pop()! };
  }

  /** Those of the ids that are stored. */
  async stored(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (let at = 0; at < ids.length; at += 20) {
      const answer = await fetch(`${this.url}/messages?ids=${ids.slice(at, at + 20).join(',')}`);
      if (answer.status === 204) continue;
      const messages = (await answer.json()) as { href: string }[];
      for (const { href } of messages) found.add(href.split('?')[0]!.split('/').pop()!);
    }
    return found;
  }

  /** The status of a claim that waits. */
  async claim(waitSeconds: number): Promise<number> {
    const answer = await fetch(`${this.url}/claims?wait=${waitSeconds}`, {
      method: 'POST',
      headers: HEADERS,
      body: JSON.stringify({ ttl: 60, grace: 60 }),
    });
    await answer.arrayBuffer();
    return answer.status;
  }
}
