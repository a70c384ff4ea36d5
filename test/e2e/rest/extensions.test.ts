import { call, connect, type Connection } from '../../support/grpc-client.js';
import { fresh, type RestClient } from '../../support/rest-client.js';
import { inOwnProject } from '../../support/rest-target.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';

let server: RunningMarconi;
let core: Connection;
let api: RestClient;
let queue: string;

beforeAll(async () => {
  server = await startMarconi();
  core = connect(server.grpcAddress);
});
afterAll(async () => {
  core.close();
  await server.stop();
});
beforeEach(async () => {
  api = inOwnProject(server.restUrl);
  queue = fresh('q');
  await api.put(`/v1/queues/${queue}`);
});

describe('Idempotency-Key on a post', () => {
  const post = (key: string, body: unknown, on = queue) =>
    api.post(`/v1/queues/${on}/messages`, [{ ttl: 300, body }], { headers: { 'Idempotency-Key': key } });
  const total = async () => (await api.get(`/v1/queues/${queue}/stats`)).json.messages.total;

  test('a repeat stores nothing and gives the same answer, told apart by a header', async () => {
    const [first, again] = [await post('order-17', { a: 1 }), await post('order-17', { a: 1 })];
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(again.text).toBe(first.text);
    expect(again.headers.location).toBe(first.headers.location);
    expect([first.headers['idempotent-replayed'], again.headers['idempotent-replayed']]).toEqual([undefined, 'true']);
    expect(await total()).toBe(1);
  });

  test('ten repeats at once store one', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => post('k', 1)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    expect(await total()).toBe(1);
  });

  test('the same key for a different post: 422', async () => {
    await post('k', 1);
    const refused = await post('k', 2);
    expect([refused.status, refused.json.title]).toEqual([422, 'Idempotency key reused']);
    expect(await total()).toBe(1);
  });

  test('another key, and another queue, is another post', async () => {
    const other = fresh('q');
    await api.put(`/v1/queues/${other}`);
    const made = [await post('k1', 1), await post('k2', 1), await post('k1', 1, other)];
    expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(made.map(({ text }) => text)).size).toBe(3);
  });

  test('1 to 255 printable ASCII characters, else 400', async () => {
    expect((await post('k'.repeat(255), 1)).status).toBe(201);
    for (const key of ['', 'k'.repeat(256), 'clé']) expect((await post(key, 1)).status).toBe(400);
  });
});

describe('wait on a claim request', () => {
  const TIMES = { ttl: 60, grace: 60 };
  const claim = (query: string) => api.post(`/v1/queues/${queue}/claims${query}`, TIMES);

  test('0 to 30, else 400', async () => {
    for (const wait of ['31', '-1', '1.5', 'x']) expect((await claim(`?wait=${wait}`)).status).toBe(400);
    expect((await claim('?wait=0')).status).toBe(204);
  });

  test('an empty answer is put off until a message is there', async () => {
    const waiting = claim('?wait=30');
    await api.post(`/v1/queues/${queue}/messages`, [{ ttl: 60, body: 'now' }]);
    const claimed = await waiting;
    expect([claimed.status, claimed.json[0].body]).toEqual([201, 'now']);
  });

  test('204 when the wait is over', async () => {
    const started = performance.now();
    expect((await claim('?wait=1')).status).toBe(204);
    expect(performance.now() - started).toBeGreaterThan(900);
  });
});

describe('bodies of other types, posted through another door', () => {
  test.each(['text/plain', 'application/octet-stream'])('%s is shown as its type and base64', async (contentType) => {
    const project = fresh('project');
    const tenant = api.with({ 'X-Project-Id': project });
    await tenant.put(`/v1/queues/${queue}`);
    const body = Buffer.from([0, 255, 10, 34]);
    const messages = [
      { body, contentType, ttlSeconds: 60 },
      { body: Buffer.from(' {"a" : 1} '), contentType: 'application/json', ttlSeconds: 60 },
    ];
    const receipt = await call(core.messages, 'postMessages', { queue, messages }, { project });
    const shown = { content_type: contentType, base64: body.toString('base64') };
    expect((await tenant.get(`/v1/queues/${queue}/messages/${receipt.ids[0]}`)).json.body).toEqual(shown);
    const listed = await tenant.get(`/v1/queues/${queue}/messages`);
    expect(listed.json.messages.map(({ body }: { body: unknown }) => body)).toEqual([shown, { a: 1 }]);
    expect(listed.text).toContain('"body": {"a" : 1} }');
  });

  test('what REST posts is the same message over gRPC, byte for byte', async () => {
    const project = fresh('project');
    const tenant = api.with({ 'X-Project-Id': project });
    await tenant.put(`/v1/queues/${queue}`);
    const body = '{ "😀" :\t9007199254740993,"a":[ 1.0 ] }';
    const posted = await tenant.post(`/v1/queues/${queue}/messages`, `[ {"body" : ${body} , "ttl" : 60} ]`);
    const id = posted.json.resources[0].split('/').pop();
    const { message } = await call(core.messages, 'getMessage', { queue, id }, { project });
    expect(message?.body.toString()).toBe(body);
  });
});
