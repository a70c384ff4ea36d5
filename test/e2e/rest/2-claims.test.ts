import { fresh, OTHER, type RestClient } from '../../support/rest-client.js';
import { inOwnProject, startRest } from '../../support/rest-target.js';

let server: Awaited<ReturnType<typeof startRest>>;
let api: RestClient;
let queue: string;
let claims: string;

beforeAll(async () => {
  server = await startRest();
});
afterAll(() => server.stop());
beforeEach(async () => {
  api = inOwnProject(server.url);
  queue = `/v1/queues/${fresh('q')}`;
  claims = `${queue}/claims`;
  await api.put(queue);
});

const post = (count: number, ttl = 300) =>
  api.post(
    `${queue}/messages`,
    Array.from({ length: count }, (_, body) => ({ ttl, body })),
  );
const bodies = (list: { body: unknown }[]) => list.map(({ body }) => body);
const TIMES = { ttl: 100, grace: 60 };

describe('2.16 Claim messages', () => {
  test('201: a bare array, oldest first, Location; claim_id is the only parameter and last', async () => {
    const posted = await post(3);
    const claim = await api.post(claims, TIMES);
    expect(claim.status).toBe(201);
    const id = claim.headers.location!.split('/').pop()!;
    expect(claim.headers.location).toBe(`${claims}/${id}`);
    expect(claim.json).toEqual(
      posted.json.resources.map((href: string, body: number) => ({
        href: `${href}?claim_id=${id}`,
        ttl: 300,
        age: expect.any(Number),
        body,
      })),
    );
    expect(claim.json[0].href.split('=').pop()).toBe(id);
  });

  test('a DELETE on the href as given deletes the message', async () => {
    await post(1);
    const claim = await api.post(claims, TIMES);
    expect((await api.delete(claim.json[0].href)).status).toBe(204);
    expect((await api.get(`${queue}/stats`)).json.messages.total).toBe(0);
  });

  test('204: nothing to claim, also for a queue that does not exist; no Location', async () => {
    for (const path of [claims, '/v1/queues/nowhere/claims']) {
      const claim = await api.post(path, TIMES);
      expect([claim.status, claim.headers.location, claim.bytes.length]).toEqual([204, undefined, 0]);
    }
  });

  test.each([undefined, '', '[]', '"x"', '{}', '{"ttl":100}', '{"grace":60}'])('400: body %s', async (body) => {
    await post(1);
    expect((await api.post(claims, body)).status).toBe(400);
    expect((await api.get(`${queue}/stats`)).json.messages.claimed).toBe(0);
  });

  test.each([
    [60, 60, 201],
    [43_200, 43_200, 201],
    [59, 60, 400],
    [60, 59, 400],
    [43_201, 60, 400],
    [60, 43_201, 400],
    [-1, 60, 400],
    [2 ** 53, 60, 400],
  ])('ttl %i, grace %i: %i', async (ttl, grace, status) => {
    await post(1);
    expect((await api.post(claims, { ttl, grace })).status).toBe(status);
  });

  test('limit: default 10, 1 to 20, in the query only', async () => {
    await post(60);
    expect((await api.post(claims, { ...TIMES, limit: 3 })).json).toHaveLength(10);
    expect((await api.post(`${claims}?limit=1`, TIMES)).json).toHaveLength(1);
    expect((await api.post(`${claims}?limit=20`, TIMES)).json).toHaveLength(20);
    for (const limit of [0, 21, 'x']) expect((await api.post(`${claims}?limit=${limit}`, TIMES)).status).toBe(400);
  });

  test('no Client-ID is needed, and there is no echo rule', async () => {
    await post(2);
    await api.with({ 'Client-ID': OTHER }).post(`${queue}/messages`, [{ ttl: 60, body: 'other' }]);
    expect(bodies((await api.with({ 'Client-ID': undefined }).post(`${claims}?limit=1`, TIMES)).json)).toEqual([0]);
    expect(bodies((await api.post(claims, TIMES)).json)).toEqual([1, 'other']);
  });

  test('several claims in a row get disjoint messages until none is left', async () => {
    await post(25);
    const taken: unknown[] = [];
    for (const size of [10, 10, 5]) {
      const claim = await api.post(claims, TIMES);
      expect(claim.json).toHaveLength(size);
      taken.push(...bodies(claim.json));
    }
    expect((await api.post(claims, TIMES)).status).toBe(204);
    expect(taken).toEqual(Array.from({ length: 25 }, (_, i) => i));
  });

  test('parallel claims never return the same message', async () => {
    await post(50);
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.post(`${claims}?limit=5`, TIMES)));
    const taken = answers.filter(({ status }) => status === 201).flatMap(({ json }) => bodies(json));
    expect(taken).toHaveLength(50);
    expect(new Set(taken).size).toBe(50);
  });
});

describe('2.17 Query a claim', () => {
  test('200: ttl, age, href and messages, nothing else; Content-Location = path + query', async () => {
    await post(2);
    const claim = await api.post(claims, TIMES);
    const path = claim.headers.location!;
    const found = await api.with({ 'Client-ID': undefined }).get(`${path}?x=1`);
    expect([found.status, found.headers['content-location']]).toEqual([200, `${path}?x=1`]);
    expect(found.json).toEqual({
      ttl: 100,
      age: expect.any(Number),
      href: path,
      messages: claim.json.map((message: object) => ({ ...message, age: expect.any(Number) })),
    });
    expect(found.json.age).toBeLessThan(5);
  });

  test('404: unknown, ill-formed, released, other queue or project, no such queue', async () => {
    await post(2);
    const [lives, released] = [await api.post(`${claims}?limit=1`, TIMES), await api.post(`${claims}?limit=1`, TIMES)];
    const id = lives.headers.location!.split('/').pop();
    await api.delete(released.headers.location!);
    const other = `/v1/queues/${fresh('q')}`;
    await api.put(other);
    const stranger = inOwnProject(server.url);
    await stranger.put(queue);
    const statuses = [
      (await api.get(`${claims}/AAAAAAAAAAAAAAAAAAAA`)).status,
      (await api.get(`${claims}/x`)).status,
      (await api.get(released.headers.location!)).status,
      (await api.get(`${other}/claims/${id}`)).status,
      (await stranger.get(lives.headers.location!)).status,
      (await api.get(`/v1/queues/nowhere/claims/${id}`)).status,
      (await api.get(lives.headers.location!)).status,
    ];
    expect(statuses).toEqual([404, 404, 404, 404, 404, 404, 200]);
  });

  test('404: all its messages have been deleted', async () => {
    await post(2);
    const claim = await api.post(claims, TIMES);
    await api.delete(claim.json[0].href);
    expect((await api.get(claim.headers.location!)).json.messages).toHaveLength(1);
    await api.delete(claim.json[1].href);
    expect((await api.get(claim.headers.location!)).status).toBe(404);
    expect((await api.patch(claim.headers.location!, { ttl: 60 })).status).toBe(404);
  });
});

describe('2.18 Update (renew) a claim', () => {
  let claim: string;
  beforeEach(async () => {
    await post(1, 120);
    claim = (await api.post(claims, TIMES)).headers.location!;
  });

  test('204: ends ttl seconds from now, age restarts, message lives extended as needed', async () => {
    const renewed = await api.patch(claim, { ttl: 500, grace: 300 });
    expect([renewed.status, renewed.bytes.length]).toEqual([204, 0]);
    const found = (await api.get(claim)).json;
    expect([found.ttl, found.messages[0].ttl]).toEqual([500, 800]);
    expect(found.age).toBeLessThan(5);
    await api.patch(claim, { ttl: 1000 });
    expect((await api.get(claim)).json.messages[0].ttl).toBe(1000);
  });

  test.each([
    ['{"ttl":60}', 204],
    ['{"ttl":43200}', 204],
    ['{"ttl":60,"grace":0}', 204],
    ['{"ttl":60,"grace":43200,"limit":null}', 204],
    ['{"ttl":59}', 400],
    ['{"ttl":43201}', 400],
    ['{"ttl":60,"grace":-1}', 400],
    ['{"ttl":60,"grace":43201}', 400],
    ['{"grace":60}', 400],
    ['{}', 400],
    ['[]', 400],
    ['', 400],
  ])('body %s: %i', async (body, status) => {
    expect((await api.patch(claim, body)).status).toBe(status);
  });

  test('404: unknown, ill-formed, released; other project, no such queue', async () => {
    const id = claim.split('/').pop();
    const stranger = inOwnProject(server.url);
    expect((await stranger.patch(claim, { ttl: 60 })).status).toBe(404);
    expect((await api.patch(`/v1/queues/nowhere/claims/${id}`, { ttl: 60 })).status).toBe(404);
    expect((await api.patch(`${claims}/x`, { ttl: 60 })).status).toBe(404);
    await api.delete(claim);
    expect((await api.patch(claim, { ttl: 60 })).status).toBe(404);
  });

  test('a body check comes before the lookup: a bad body on an unknown claim is 400', async () => {
    expect((await api.patch(`${claims}/x`, '{}')).status).toBe(400);
    expect((await api.patch('/v1/queues/nowhere/claims/x', 'x')).status).toBe(400);
  });
});

describe('2.19 Release a claim', () => {
  test('204 always: unknown, ill-formed, no such queue; under another project it has no effect', async () => {
    await post(1);
    const claim = (await api.post(claims, TIMES)).headers.location!;
    const statuses = [
      (await api.delete(`${claims}/AAAAAAAAAAAAAAAAAAAA`)).status,
      (await api.delete(`${claims}/x`)).status,
      (await api.delete('/v1/queues/nowhere/claims/x')).status,
      (await inOwnProject(server.url).delete(claim)).status,
    ];
    expect(statuses).toEqual([204, 204, 204, 204]);
    expect((await api.get(claim)).status).toBe(200);
    expect([(await api.delete(claim)).status, (await api.delete(claim)).status]).toEqual([204, 204]);
  });

  test('the messages become claimable and listable at once, in their old places', async () => {
    await post(4);
    const claim = await api.post(`${claims}?limit=2`, TIMES);
    await api.delete(claim.headers.location!);
    expect(bodies((await api.get(`${queue}/messages?echo=true`)).json.messages)).toEqual([0, 1, 2, 3]);
    expect(bodies((await api.post(claims, TIMES)).json)).toEqual([0, 1, 2, 3]);
  });
});
