import { OTHER, type RestClient } from '../../support/rest-client.js';
import { inOwnProject, startRest } from '../../support/rest-target.js';

let server: Awaited<ReturnType<typeof startRest>>;
let api: RestClient;

beforeAll(async () => {
  server = await startRest();
  api = inOwnProject(server.url);
});
afterAll(() => server.stop());

test('3 the whole lifecycle, step by step', async () => {
  const stranger = inOwnProject(server.url);
  expect((await api.put('/v1/queues/life')).status).toBe(201);
  const batch = Array.from({ length: 10 }, (_, body) => ({ ttl: 300, body }));
  expect((await api.post('/v1/queues/life/messages', batch)).status).toBe(201);

  const claim = await api.post('/v1/queues/life/claims', { ttl: 100, grace: 60 });
  const path = claim.headers.location!;
  expect([claim.status, claim.json.length]).toEqual([201, 10]);
  expect((await api.post('/v1/queues/life/claims?limit=3', { ttl: 100, grace: 60 })).status).toBe(204);

  const other = api.with({ 'Client-ID': OTHER });
  expect((await other.get('/v1/queues/life/messages')).status).toBe(204);
  const all = await other.get('/v1/queues/life/messages?include_claimed=true');
  expect([all.status, all.json.messages.length]).toEqual([200, 10]);

  const found = await api.get(path);
  expect([found.status, found.json.ttl, found.headers['content-location']]).toEqual([200, 100, path]);
  expect(found.json.age).toBeGreaterThanOrEqual(0);

  const withClaim = claim.json[0].href as string;
  const plain = withClaim.split('?')[0]!;
  expect((await api.delete(plain)).status).toBe(403);
  expect((await api.delete(withClaim)).status).toBe(204);
  expect([(await stranger.get(plain)).status, (await api.get(plain)).status]).toEqual([404, 404]);

  const before = performance.now();
  expect((await api.patch(path, { ttl: 60 })).status).toBe(204);
  const renewed = await api.get(path);
  expect([renewed.status, renewed.json.ttl]).toEqual([200, 60]);
  expect(renewed.json.age).toBeLessThanOrEqual(Math.floor((performance.now() - before) / 1000));

  expect((await stranger.delete(path)).status).toBe(204);
  expect((await api.get(path)).status).toBe(200);
  expect((await api.delete(path)).status).toBe(204);

  const released = claim.json[1].href as string;
  expect((await api.delete(released)).status).toBe(400);
  expect((await api.get(released)).status).toBe(200);
  expect((await api.get(path)).status).toBe(404);
  expect((await api.patch(path, { ttl: 60 })).status).toBe(404);
  const listed = await api.get('/v1/queues/life/messages?echo=true');
  expect([listed.status, listed.json.messages.length]).toEqual([200, 9]);
});

describe('4 Non-existing queue', () => {
  test.each([
    ['HEAD queue', 'HEAD', '', 404],
    ['GET queue', 'GET', '', 404],
    ['GET metadata', 'GET', '/metadata', 404],
    ['PUT metadata', 'PUT', '/metadata', 404, {}],
    ['GET stats', 'GET', '/stats', 404],
    ['POST messages', 'POST', '/messages', 404, [{ ttl: 60, body: 1 }]],
    ['list messages', 'GET', '/messages', 204],
    ['get by ids', 'GET', '/messages?ids=mAAAAAAAAAAAAAAAA-0', 204],
    ['get one message', 'GET', '/messages/mAAAAAAAAAAAAAAAA-0', 404],
    ['delete one', 'DELETE', '/messages/mAAAAAAAAAAAAAAAA-0', 204],
    ['delete by ids', 'DELETE', '/messages?ids=mAAAAAAAAAAAAAAAA-0', 204],
    ['POST claim', 'POST', '/claims', 204, { ttl: 60, grace: 60 }],
    ['GET claim', 'GET', '/claims/AAAAAAAAAAAAAAAAAAAA', 404],
    ['PATCH claim', 'PATCH', '/claims/AAAAAAAAAAAAAAAAAAAA', 404, { ttl: 60 }],
    ['DELETE claim', 'DELETE', '/claims/AAAAAAAAAAAAAAAAAAAA', 204],
    ['DELETE queue', 'DELETE', '', 204],
  ])('%s (%s %s): %i', async (_what, method, path, status, ...[body]) => {
    expect((await api.send(method, `/v1/queues/nowhere${path}`, { body })).status).toBe(status);
  });
});

describe('5 Operator resources', () => {
  test.each(['/v1/shards', '/v1/pools', '/v1/shards/a', '/v1/pools/a'])('%s is not served: 404', async (path) => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) expect((await api.send(method, path)).status).toBe(404);
  });
});
