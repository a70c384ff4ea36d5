import { fresh, type RestClient } from '../../support/rest-client.js';
import { inOwnProject, startRest } from '../../support/rest-target.js';

let server: Awaited<ReturnType<typeof startRest>>;
let api: RestClient;
let queue: string;

beforeAll(async () => {
  server = await startRest();
});
afterAll(() => server.stop());
beforeEach(async () => {
  api = inOwnProject(server.url);
  queue = `/v1/queues/${fresh('q')}`;
});

describe('2.3 Create a queue', () => {
  test('201: did not exist in this project; Location', async () => {
    const made = await api.put(queue);
    expect([made.status, made.headers.location, made.bytes.length]).toEqual([201, queue, 0]);
    expect((await api.get(`${queue}/metadata`)).text).toBe('{}');
  });

  test('204: existed; messages and metadata untouched; same Location', async () => {
    await api.put(queue);
    await api.put(`${queue}/metadata`, { a: 1 });
    await api.post(`${queue}/messages`, [{ ttl: 300, body: 1 }]);
    const again = await api.put(queue);
    expect([again.status, again.headers.location]).toEqual([204, queue]);
    expect((await api.get(`${queue}/metadata`)).text).toBe('{"a":1}');
    expect((await api.get(`${queue}/stats`)).json.messages.total).toBe(1);
  });

  test.each(['{"a":1}', 'not JSON', Buffer.from([0xff, 0x00]), 'x'.repeat(300_000)])(
    'a body is ignored (%#)',
    async (body) => {
      expect((await api.put(queue, body)).status).toBe(201);
      expect((await api.get(`${queue}/metadata`)).text).toBe('{}');
    },
  );

  test('the same name in another project is another queue', async () => {
    expect((await api.put(queue)).status).toBe(201);
    expect((await inOwnProject(server.url).put(queue)).status).toBe(201);
  });

  test('nothing else creates a queue', async () => {
    await api.post(`${queue}/messages`, [{ ttl: 300, body: 1 }]);
    await api.put(`${queue}/metadata`, {});
    await api.post(`${queue}/claims`, { ttl: 60, grace: 60 });
    await api.get(`${queue}/messages`);
    expect((await api.get(queue)).status).toBe(404);
    expect((await api.get('/v1/queues')).status).toBe(204);
  });
});

describe('2.4 Check queue existence', () => {
  test.each(['HEAD', 'GET'])('%s: 204 exists, 404 does not; Content-Location and an empty body', async (method) => {
    const missing = await api.send(method, queue);
    await api.put(queue);
    const found = await api.send(method, queue);
    expect([missing.status, missing.headers['content-location'], missing.bytes.length]).toEqual([404, queue, 0]);
    expect([found.status, found.headers['content-location'], found.bytes.length]).toEqual([204, queue, 0]);
  });
});

describe('2.5 List queues', () => {
  const make = (...names: string[]) => Promise.all(names.map((name) => api.put(`/v1/queues/${name}`)));
  const names = (answer: { json: { queues: { name: string }[] } }) => answer.json.queues.map(({ name }) => name);

  test('200: ascending by name in byte order; name and href, nothing else', async () => {
    await make('b', 'a', 'B', '_', '0', 'a.b', 'a-b');
    const answer = await api.get('/v1/queues');
    expect(answer.status).toBe(200);
    expect(names(answer)).toEqual(['0', 'B', '_', 'a', 'a-b', 'a.b', 'b']);
    expect(answer.json.queues[3]).toEqual({ name: 'a', href: '/v1/queues/a' });
    expect(Object.keys(answer.json)).toEqual(['queues', 'links']);
    expect(answer.headers['content-location']).toBe('/v1/queues');
  });

  test('204: no queues, or past the end', async () => {
    expect((await api.get('/v1/queues')).status).toBe(204);
    await make('a');
    const past = await api.get('/v1/queues?marker=zzz');
    expect([past.status, past.bytes.length]).toEqual([204, 0]);
  });

  test('marker: names strictly after it; the name need not exist; any text', async () => {
    await make('a', 'c', 'e');
    expect(names(await api.get('/v1/queues?marker=a'))).toEqual(['c', 'e']);
    expect(names(await api.get('/v1/queues?marker=b'))).toEqual(['c', 'e']);
    expect(names(await api.get('/v1/queues?marker=%20!%22'))).toEqual(['a', 'c', 'e']);
    expect((await api.get('/v1/queues?marker=%F0%9F%98%80')).status).toBe(204);
  });

  test('limit: default 10, 1 to 20', async () => {
    await make(...Array.from({ length: 25 }, (_, i) => `q${String(i).padStart(2, '0')}`));
    expect(names(await api.get('/v1/queues'))).toHaveLength(10);
    expect(names(await api.get('/v1/queues?limit=1'))).toHaveLength(1);
    expect(names(await api.get('/v1/queues?limit=20'))).toHaveLength(20);
    for (const limit of [0, 21, -1]) expect((await api.get(`/v1/queues?limit=${limit}`)).status).toBe(400);
  });

  test('detailed: metadata with each entry, as stored', async () => {
    await make('audit', 'jobs', 'zeta');
    await api.put('/v1/queues/audit/metadata', { owner: 'ops' });
    const answer = await api.get('/v1/queues?limit=2&detailed=true');
    expect(answer.json).toEqual({
      queues: [
        { name: 'audit', href: '/v1/queues/audit', metadata: { owner: 'ops' } },
        { name: 'jobs', href: '/v1/queues/jobs', metadata: {} },
      ],
      links: [{ rel: 'next', href: '/v1/queues?marker=jobs&limit=2&detailed=true' }],
    });
  });

  test.each([
    ['', '/v1/queues?marker=a'],
    ['?detailed=True', '/v1/queues?marker=a&detailed=true'],
    ['?detailed=no', '/v1/queues?marker=a&detailed=false'],
    ['?limit=5&marker=0', '/v1/queues?marker=a&limit=5'],
    ['?limit=&detailed=', '/v1/queues?marker=a'],
  ])('links: exactly one next, which repeats what was given (%s)', async (query, href) => {
    await make('a');
    const answer = await api.get(`/v1/queues${query}`);
    expect(answer.json.links).toEqual([{ rel: 'next', href }]);
    expect((await api.get(href)).status).toBe(204);
  });

  test('following next from 15 queues: 10, then 5, then 204', async () => {
    await make(...Array.from({ length: 15 }, (_, i) => `q${String(i).padStart(2, '0')}`));
    const first = await api.get('/v1/queues');
    const second = await api.get(first.json.links[0].href);
    const third = await api.get(second.json.links[0].href);
    expect([names(first).length, names(second).length, third.status]).toEqual([10, 5, 204]);
    expect(new Set([...names(first), ...names(second)]).size).toBe(15);
  });

  test("only the caller's project; the global project lists only global queues", async () => {
    const other = inOwnProject(server.url);
    const global = api.with({ 'X-Project-Id': undefined });
    const [mine, theirs, everyones] = [fresh('mine'), fresh('theirs'), fresh('global')];
    await api.put(`/v1/queues/${mine}`);
    await other.put(`/v1/queues/${theirs}`);
    await global.put(`/v1/queues/${everyones}`);
    expect(names(await api.get('/v1/queues'))).toEqual([mine]);
    expect(names(await other.get('/v1/queues'))).toEqual([theirs]);
    expect(names(await global.get(`/v1/queues?marker=${everyones.slice(0, -1)}`))).toEqual([everyones]);
    await global.delete(`/v1/queues/${everyones}`);
  });
});

describe('2.6 Set queue metadata', () => {
  beforeEach(() => api.put(queue));

  test('204: stored; Location = request path; it replaces the whole', async () => {
    const stored = await api.put(`${queue}/metadata`, { a: 1, b: 2 });
    expect([stored.status, stored.headers.location]).toEqual([204, `${queue}/metadata`]);
    await api.put(`${queue}/metadata`, { c: 3 });
    expect((await api.get(`${queue}/metadata`)).json).toEqual({ c: 3 });
  });

  test('{} clears; Unicode keys and values round-trip', async () => {
    await api.put(`${queue}/metadata`, { ключ: '值', '😀': 'é' });
    expect((await api.get(`${queue}/metadata`)).json).toEqual({ ключ: '值', '😀': 'é' });
    await api.put(`${queue}/metadata`, {});
    expect((await api.get(`${queue}/metadata`)).text).toBe('{}');
  });

  test.each(['', '  ', 'x', '{', '[]', '"x"', '1', 'null'])(
    '400: %j is no body, not JSON or not an object',
    async (body) => {
      expect((await api.put(`${queue}/metadata`, body)).status).toBe(400);
      expect((await api.put(`${queue}/metadata`)).status).toBe(400);
    },
  );

  test('400: longer than 65536 bytes; exactly that is fine', async () => {
    const exactly = `{"a":"${'x'.repeat(65_536 - 8)}"}`;
    expect((await api.put(`${queue}/metadata`, exactly)).status).toBe(204);
    expect((await api.get(`${queue}/metadata`)).text).toBe(exactly);
    expect((await api.put(`${queue}/metadata`, `${exactly} `)).status).toBe(400);
    expect((await api.put(`${queue}/metadata`, `${exactly} `, { chunked: true })).status).toBe(400);
  });

  test.each(['{"_x":1}', '{"a":1,"_max_messages_post_size":7}', '{"\\u005fa":null}', '{"_":{}}'])(
    '400: a key that begins with "_" at the top: %s',
    async (body) => {
      expect((await api.put(`${queue}/metadata`, body)).status).toBe(400);
      expect((await api.put(`${queue}/metadata`, { a: { _b: 1 } })).status).toBe(204);
    },
  );

  test('404: the queue does not exist', async () => {
    expect((await api.put('/v1/queues/nowhere/metadata', {})).status).toBe(404);
  });
});

describe('2.7 Get queue metadata', () => {
  test('200: the stored object, Content-Location; 404: no such queue', async () => {
    await api.put(queue);
    await api.put(`${queue}/metadata`, { a: [1] });
    const found = await api.get(`${queue}/metadata`);
    expect([found.status, found.text, found.headers['content-location']]).toEqual([
      200,
      '{"a":[1]}',
      `${queue}/metadata`,
    ]);
    expect((await api.get('/v1/queues/nowhere/metadata')).status).toBe(404);
  });
});

describe('2.8 Get queue stats', () => {
  test('404: no such queue', async () => {
    expect((await api.get(`${queue}/stats`)).status).toBe(404);
  });

  test('200: exactly zeros when empty, without oldest and newest', async () => {
    await api.put(queue);
    const stats = await api.get(`${queue}/stats`);
    expect([stats.status, stats.headers['content-location']]).toEqual([200, `${queue}/stats`]);
    expect(stats.json).toEqual({ messages: { claimed: 0, free: 0, total: 0 } });
  });

  test('200: claimed, free, total; oldest and newest are exactly href, age, created, claimed ones too', async () => {
    await api.put(queue);
    const before = Math.floor(Date.now() / 1000);
    const posted = await api.post(
      `${queue}/messages`,
      Array.from({ length: 15 }, (_, i) => ({ ttl: 300, body: i })),
    );
    await api.post(`${queue}/claims?limit=3`, { ttl: 60, grace: 60 });
    const { messages } = (await api.get(`${queue}/stats`)).json;
    expect(messages).toEqual({
      claimed: 3,
      free: 12,
      total: 15,
      oldest: {
        href: posted.json.resources[0],
        age: expect.any(Number),
        created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      newest: { href: posted.json.resources[14], age: expect.any(Number), created: expect.any(String) },
    });
    expect(Date.parse(messages.oldest.created) / 1000).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(messages.newest.created)).toBeLessThanOrEqual(Date.now());
    expect((await api.get(messages.oldest.href)).status).toBe(200);
    expect((await api.get(messages.newest.href)).status).toBe(200);
  });

  test('the numbers follow post, claim, release and delete at once', async () => {
    await api.put(queue);
    const counts = async () => {
      const { free, claimed, total } = (await api.get(`${queue}/stats`)).json.messages;
      return [free, claimed, total];
    };
    const posted = await api.post(
      `${queue}/messages`,
      [1, 2, 3].map((body) => ({ ttl: 300, body })),
    );
    expect(await counts()).toEqual([3, 0, 3]);
    const claim = await api.post(`${queue}/claims?limit=2`, { ttl: 60, grace: 60 });
    expect(await counts()).toEqual([1, 2, 3]);
    await api.delete(claim.json[0].href);
    expect(await counts()).toEqual([1, 1, 2]);
    await api.delete(claim.headers.location!);
    expect(await counts()).toEqual([2, 0, 2]);
    await api.delete(posted.json.resources[2]);
    expect(await counts()).toEqual([1, 0, 1]);
  });
});

describe('2.9 Delete a queue', () => {
  test('204 always; messages and claims go with it at once', async () => {
    expect((await api.delete(queue)).status).toBe(204);
    await api.put(queue);
    const posted = await api.post(`${queue}/messages`, [{ ttl: 300, body: 1 }]);
    const claim = await api.post(`${queue}/claims`, { ttl: 60, grace: 60 });
    expect((await api.delete(queue)).status).toBe(204);
    expect((await api.get(queue)).status).toBe(404);
    await api.put(queue);
    expect((await api.get(posted.json.resources[0])).status).toBe(404);
    expect((await api.get(claim.headers.location!)).status).toBe(404);
    expect((await api.get(`${queue}/stats`)).json.messages.total).toBe(0);
  });

  test('another project keeps its queue of that name', async () => {
    const other = inOwnProject(server.url);
    await Promise.all([api.put(queue), other.put(queue)]);
    await api.delete(queue);
    expect((await other.get(queue)).status).toBe(204);
  });
});
