import { connect as connectTcp } from 'node:net';
import { LISTENER_LIMITS } from '../../../gateway/server.js';
import type { Engine } from '../../../src/engine/api.js';
import { RestClient } from '../../support/rest-client.js';
import { inOwnProject, startTimedRest, type TimedRest } from '../../support/rest-target.js';
import { waitFor } from '../../support/wait.js';

/** Sends text over a connection of its own; gives all that came back once the server has closed it. */
function raw(url: string, text: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connectTcp(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

/** An engine whose posts wait until they are let go. */
function held() {
  let open = () => {};
  const gate = new Promise<void>((resolve) => (open = resolve));
  let waiting = 0;
  const wrap = (engine: Engine): Engine => ({
    ...engine,
    status: () => engine.status(),
    drain: () => engine.drain(),
    messages: new Proxy(engine.messages, {
      get: (target, name: keyof Engine['messages']) =>
        name !== 'post'
          ? target[name].bind(target)
          : async (...args: Parameters<Engine['messages']['post']>) => {
              waiting++;
              await gate;
              return target.post(...args);
            },
    }),
  });
  return { wrap, open: () => open(), waiting: () => waiting };
}

const MESSAGE = [{ ttl: 300, body: 1 }];

describe('what is no request', () => {
  let rest: TimedRest;
  beforeAll(async () => {
    rest = await startTimedRest();
  });
  afterAll(() => rest.stop());

  test('headers of more than 16 KiB: 431 with an error document', async () => {
    const answer = await raw(
      rest.url,
      `GET /v1 HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(LISTENER_LIMITS.headerBytes)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('"title":"Request Header Fields Too Large"');
  });

  test.each(['nonsense\r\n\r\n', 'GET /v1 HTTP/9.9\r\n\r\n', 'GET /v1 http/1.1\r\n\r\n', '\u0016\u0003\u0001\u0000'])(
    '%j: 400 with an error document',
    async (text) => {
      const answer = await raw(rest.url, `${text}\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ title: 'Bad Request' });
    },
  );

  test('half a request is not waited for longer than 10 s', async () => {
    const started = performance.now();
    const answer = await raw(rest.url, 'POST /v1/queues/q/messages HTTP/1.1\r\nHost: x\r\nConte');
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(performance.now() - started).toBeLessThan(15_000);
  });

  test('a body that promises more than 16 MiB: 400 at once, and the connection ends', async () => {
    const head = `POST /v1/queues/q/messages HTTP/1.1\r\nHost: x\r\nClient-ID: ${'a'.repeat(32)}\r\n`;
    const answer = await raw(rest.url, `${head}Content-Length: 17000000\r\n\r\n[`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toMatch(/Connection: close/i);
  });
});

describe('over the bound of requests under way', () => {
  const gate = held();
  let rest: TimedRest;
  beforeAll(async () => {
    rest = await startTimedRest({ maxInFlight: 16, wrap: gate.wrap });
  });
  afterAll(() => rest.stop());

  test('503 with Retry-After for posts over their share, within it one project leaves places to others', async () => {
    const [busy, calm] = [inOwnProject(rest.url), inOwnProject(rest.url)];
    await Promise.all([busy.put('/v1/queues/q'), calm.put('/v1/queues/q')]);
    const posts = Array.from({ length: 3 }, () => busy.post('/v1/queues/q/messages', MESSAGE));
    await waitFor('three posts to be under way', () => gate.waiting() === 3);
    const refused = await busy.post('/v1/queues/q/messages', MESSAGE);
    expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
    expect(refused.json.title).toBe('Service temporarily unavailable');
    const other = calm.post('/v1/queues/q/messages', MESSAGE);
    await waitFor('four posts to be under way', () => gate.waiting() === 4);
    expect((await calm.post('/v1/queues/q/messages', MESSAGE)).status).toBe(503);

    for (const api of [busy, calm]) {
      expect((await api.get('/v1/queues/q')).status).toBe(204);
      expect((await api.post('/v1/queues/q/claims', { ttl: 60, grace: 60 })).status).toBe(204);
    }
    gate.open();
    const answers = await Promise.all([...posts, other]);
    expect(answers.map(({ status }) => status)).toEqual(Array(4).fill(201));
    expect((await busy.post('/v1/queues/q/messages', MESSAGE)).status).toBe(201);
  });

  test('503 for everything when all places are taken, but for health and the home document', async () => {
    const [many, few] = [inOwnProject(rest.url), inOwnProject(rest.url)];
    await Promise.all([many.put('/v1/queues/q'), few.put('/v1/queues/q')]);
    const poll = { ttl: 60, grace: 60 };
    const polls = [many, few].flatMap((api, i) =>
      Array.from({ length: i === 0 ? 12 : 4 }, () => api.post('/v1/queues/q/claims?wait=1', poll)),
    );
    await waitFor('all places to be taken', () => rest.gateway.inFlight() === 16);
    expect((await few.get('/v1/queues/q')).status).toBe(503);
    expect((await few.get('/v1/health')).status).toBe(204);
    expect((await few.get('/v1')).status).toBe(200);
    expect((await Promise.all(polls)).map(({ status }) => status)).toEqual(Array(16).fill(204));
    expect((await few.get('/v1/queues/q')).status).toBe(204);
  });
});

describe('a drain', () => {
  test('answers what is under way, ends long polls empty, takes no new connection', async () => {
    const gate = held();
    const rest = await startTimedRest({ wrap: gate.wrap });
    const api = inOwnProject(rest.url);
    await api.put('/v1/queues/q');
    const posting = api.post('/v1/queues/q/messages', MESSAGE);
    const polling = api.post('/v1/queues/q/claims?wait=30', { ttl: 60, grace: 60 });
    await waitFor('the post to be under way', () => gate.waiting() === 1);
    await waitFor('the poll to be under way', () => rest.gateway.inFlight() === 2);
    const drained = rest.gateway.drain();
    const poll = await polling;
    expect([poll.status, poll.headers.connection]).toEqual([204, 'close']);
    gate.open();
    expect((await posting).status).toBe(201);
    await drained;
    await expect(new RestClient(rest.url).get('/livez')).rejects.toThrow(/ECONNREFUSED/);
    await rest.stop();
  });
});

describe('observation', () => {
  test('a line per request with its id, operation, status and reason; no credentials, no bodies', async () => {
    const rest = await startTimedRest();
    const api = inOwnProject(rest.url);
    const headers = { 'X-Request-Id': 'r-1', 'X-Auth-Token': 'sesame' };
    await api.post('/v1/queues/nowhere/messages', [{ ttl: 300, body: 'open' }], { headers });
    const line = await waitFor('the line', () => rest.lines.find(({ requestId }) => requestId === 'r-1'));
    expect(line).toMatchObject({ operation: 'post-messages', status: 404, reason: 'QUEUE_NOT_FOUND', method: 'POST' });
    expect(JSON.stringify(rest.lines)).not.toMatch(/sesame|open/);
    await rest.stop();
  });
});
