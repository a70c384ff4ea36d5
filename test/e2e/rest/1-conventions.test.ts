import { fresh, type RestClient } from '../../support/rest-client.js';
import { inOwnProject, startRest } from '../../support/rest-target.js';

let server: Awaited<ReturnType<typeof startRest>>;
let api: RestClient;

beforeAll(async () => {
  server = await startRest();
  api = inOwnProject(server.url);
  await api.put('/v1/queues/jobs');
  await api.post('/v1/queues/jobs/messages', [{ ttl: 300, body: 1 }]);
});
afterAll(() => server.stop());

const problem = (title: string) => ({ title, description: expect.stringMatching(/./) });

describe('1.1 URIs', () => {
  test('home document: /v1 and /v1/ are the same resource', async () => {
    const [plain, slashed] = [await api.get('/v1'), await api.get('/v1/')];
    expect([plain.status, slashed.status]).toEqual([200, 200]);
    expect(slashed.text).toBe(plain.text);
  });

  test('trailing slash elsewhere: one is ignored', async () => {
    expect((await api.get('/v1/queues/')).status).toBe(200);
    expect((await api.get('/v1/queues/jobs/')).status).toBe(204);
    expect((await api.get('/v1/queues/jobs/messages/?echo=true')).status).toBe(200);
    expect((await api.get('/v1/queues/jobs//')).status).toBe(404);
    expect((await api.get('/v1/health/')).status).toBe(204);
  });

  test('links and Location, Content-Location, href: absolute paths without scheme and host', async () => {
    const posted = await api.post('/v1/queues/jobs/messages', [{ ttl: 300, body: 1 }]);
    const listed = await api.get('/v1/queues/jobs/messages?echo=true');
    const places = [
      posted.headers.location,
      ...posted.json.resources,
      listed.headers['content-location'],
      listed.json.links[0].href,
      listed.json.messages[0].href,
    ];
    for (const place of places) expect(place).toMatch(/^\/v1\/queues\/jobs\/messages/);
  });

  test('a target that names the server: paths in answers still do not', async () => {
    const found = await api.get(`${server.url}/v1/queues?limit=5`);
    expect(found.status).toBe(200);
    expect(found.headers['content-location']).toBe('/v1/queues?limit=5');
  });

  test.each(['/', '/v2', '/v1/nothing', '/v1/queues/jobs/nothing', '/V1/queues', '/v1/pools', '/v1/shards'])(
    'unknown path %s: 404',
    async (path) => {
      const answer = await api.get(path);
      expect(answer.status).toBe(404);
      expect(answer.json).toEqual(problem('Not found'));
    },
  );

  test.each([
    ['POST', '/v1', 'GET'],
    ['PUT', '/v1/health', 'GET, HEAD'],
    ['POST', '/v1/queues', 'GET'],
    ['HEAD', '/v1/queues', 'GET'],
    ['POST', '/v1/queues/jobs', 'GET, HEAD, PUT, DELETE'],
    ['DELETE', '/v1/queues/jobs/metadata', 'GET, PUT'],
    ['PUT', '/v1/queues/jobs/stats', 'GET'],
    ['PATCH', '/v1/queues/jobs/messages', 'GET, POST, DELETE'],
    ['PUT', '/v1/queues/jobs/messages/x', 'GET, DELETE'],
    ['GET', '/v1/queues/jobs/claims', 'POST'],
    ['PUT', '/v1/queues/jobs/claims/x', 'GET, PATCH, DELETE'],
  ])('known path, wrong method: %s %s is 405 with Allow: %s', async (method, path, allow) => {
    const answer = await api.send(method, path);
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    expect(answer.bytes.length).toBe(0);
  });

  test.each([
    ['/v1', 'GET'],
    ['/v1/queues/jobs', 'GET, HEAD, PUT, DELETE'],
    ['/v1/queues/jobs/claims', 'POST'],
  ])('OPTIONS %s: 204 with Allow', async (path, allow) => {
    const answer = await api.send('OPTIONS', path);
    expect(answer.status).toBe(204);
    expect(answer.headers.allow).toBe(allow);
    expect(answer.bytes.length).toBe(0);
  });

  test.each(['a', 'A-Z_0.9', '.', '-', 'x'.repeat(64)])('{queue_name} %s: accepted', async (name) => {
    expect((await api.put(`/v1/queues/${name}`)).status).toBe(201);
    expect((await api.head(`/v1/queues/${name}`)).status).toBe(204);
    expect((await api.delete(`/v1/queues/${name}`)).status).toBe(204);
  });

  const bad = ['x'.repeat(65), '%20', 'a%2Fb', 'a%20b', '', '%C3%A4', '%ff', '%zz', '%', 'a:b', 'a%00', '*', '%3F'];
  const routes = [
    ['PUT', ''],
    ['GET', ''],
    ['HEAD', ''],
    ['DELETE', ''],
    ['GET', '/metadata'],
    ['PUT', '/metadata'],
    ['GET', '/stats'],
    ['POST', '/messages'],
    ['GET', '/messages'],
    ['GET', '/messages?ids=a'],
    ['DELETE', '/messages?ids=a'],
    ['GET', '/messages/x'],
    ['DELETE', '/messages/x'],
    ['POST', '/claims'],
    ['GET', '/claims/x'],
    ['PATCH', '/claims/x'],
    ['DELETE', '/claims/x'],
  ] as const;
  test.each(routes)(
    '{queue_name}: checked on %s /v1/queues/{queue_name}%s before anything else',
    async (method, rest) => {
      for (const name of bad) {
        if (name === '' && rest === '') continue; // the list of queues
        const answer = await api.with({ 'Client-ID': undefined }).send(method, `/v1/queues/${name}${rest}`);
        expect([name, answer.status]).toEqual([name, 400]);
        if (method !== 'HEAD') expect(answer.json).toEqual(problem('Invalid queue identification'));
      }
    },
  );

  test('{message_id}, {claim_id}: those made here use A-Z a-z 0-9 _ - only', async () => {
    await api.post('/v1/queues/jobs/messages', [{ ttl: 300, body: 1 }]);
    const claimed = await api.post('/v1/queues/jobs/claims', { ttl: 60, grace: 60 });
    expect(claimed.headers.location).toMatch(/^\/v1\/queues\/jobs\/claims\/[A-Za-z0-9_-]+$/);
    expect(claimed.json[0].href).toMatch(/^\/v1\/queues\/jobs\/messages\/[A-Za-z0-9_-]+\?claim_id=[A-Za-z0-9_-]+$/);
  });

  test.each(['x', '0', '%zz', '%ff', '%00', '%F0%9F%98%80', 'a%2Fb', '..', 'x'.repeat(4_000)])(
    '{message_id}, {claim_id} %s: does not exist, never 400 by itself',
    async (id) => {
      expect((await api.get(`/v1/queues/jobs/messages/${id}`)).status).toBe(404);
      expect((await api.delete(`/v1/queues/jobs/messages/${id}`)).status).toBe(204);
      expect((await api.get(`/v1/queues/jobs/claims/${id}`)).status).toBe(404);
      expect((await api.patch(`/v1/queues/jobs/claims/${id}`, { ttl: 60 })).status).toBe(404);
      expect((await api.delete(`/v1/queues/jobs/claims/${id}`)).status).toBe(204);
    },
  );
});

describe('1.2 Request headers', () => {
  const everyRoute = [
    ['GET', '/v1'],
    ['GET', '/v1/health'],
    ['HEAD', '/v1/health'],
    ['GET', '/v1/queues'],
    ['PUT', '/v1/queues/jobs'],
    ['GET', '/v1/queues/jobs'],
    ['DELETE', '/v1/queues/nowhere'],
    ['GET', '/v1/queues/jobs/metadata'],
    ['PUT', '/v1/queues/jobs/metadata'],
    ['GET', '/v1/queues/jobs/stats'],
    ['POST', '/v1/queues/jobs/messages'],
    ['GET', '/v1/queues/jobs/messages'],
    ['DELETE', '/v1/queues/jobs/messages?ids=a'],
    ['GET', '/v1/queues/jobs/messages/x'],
    ['DELETE', '/v1/queues/jobs/messages/x'],
    ['POST', '/v1/queues/jobs/claims'],
    ['GET', '/v1/queues/jobs/claims/x'],
    ['PATCH', '/v1/queues/jobs/claims/x'],
    ['DELETE', '/v1/queues/jobs/claims/x'],
  ] as const;

  test.each(everyRoute)('Accept that does not admit JSON: 406 on %s %s', async (method, path) => {
    for (const accept of ['application/xml', 'plain/text', 'text/*', 'application/*;q=0', 'nonsense']) {
      expect([accept, (await api.send(method, path, { headers: { Accept: accept } })).status]).toEqual([accept, 406]);
    }
  });

  test.each([
    undefined,
    '',
    '*/*',
    'application/*',
    'application/json',
    'application/json; charset=utf-8',
    'Application/JSON',
    'text/html, application/xml;q=0.9, */*;q=0.8',
    'application/xml, application/json;q=0.1',
    'text/*;q=1, application/*;q=0.5',
  ])('Accept: %s admits JSON', async (accept) => {
    expect((await api.get('/v1/queues/jobs', { headers: { Accept: accept } })).status).toBe(204);
  });

  test('Content-Type of a form with a body: 400; without a body it does no harm', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'Application/X-WWW-Form-URLEncoded']) {
      const headers = { 'Content-Type': type };
      const refused = await api.post('/v1/queues/jobs/messages', [{ ttl: 300, body: 1 }], { headers });
      expect(refused.status).toBe(400);
      expect(refused.json).toEqual(problem('Invalid Content-Type'));
      expect((await api.put('/v1/queues/jobs', '{}', { headers })).status).toBe(400);
      expect((await api.put(`/v1/queues/${fresh('q')}`, undefined, { headers })).status).toBe(201);
      expect((await api.put(`/v1/queues/${fresh('q')}`, '', { headers })).status).toBe(201);
    }
  });

  test.each([undefined, 'application/json', 'text/plain', 'application/x-www-form-urlencoded; charset=utf-8'])(
    'Content-Type %s with JSON: fine',
    async (type) => {
      const headers = { 'Content-Type': type };
      expect((await api.post('/v1/queues/jobs/messages', [{ ttl: 300, body: 1 }], { headers })).status).toBe(201);
    },
  );

  const clientRoutes = [
    ['POST', '/v1/queues/jobs/messages'],
    ['GET', '/v1/queues/jobs/messages'],
  ] as const;
  test.each(clientRoutes)('Client-ID missing where it is required: %s %s is 400', async (method, path) => {
    const body = method === 'POST' ? [{ ttl: 300, body: 1 }] : undefined;
    const answer = await api.with({ 'Client-ID': undefined }).send(method, path, { body });
    expect(answer.status).toBe(400);
    expect(answer.json.description).toContain('Client-ID');
  });

  test('Client-ID: not needed anywhere else', async () => {
    const anonymous = api.with({ 'Client-ID': undefined });
    const statuses = [
      (await anonymous.put('/v1/queues/jobs')).status,
      (await anonymous.get('/v1/queues')).status,
      (await anonymous.get('/v1/queues/jobs/messages?ids=a')).status,
      (await anonymous.delete('/v1/queues/jobs/messages?ids=a')).status,
      (await anonymous.get('/v1/queues/jobs/messages/x')).status,
      (await anonymous.post('/v1/queues/nowhere/claims', { ttl: 60, grace: 60 })).status,
    ];
    expect(statuses).toEqual([204, 200, 204, 204, 404, 204]);
  });

  test.each([
    '3381af92-2b9e-11e3-b191-71861300734c',
    '3381AF92-2B9E-11E3-B191-71861300734C',
    '3381af922b9e11e3b19171861300734c',
    '{3381af92-2b9e-11e3-b191-71861300734c}',
    'urn:uuid:3381af92-2b9e-11e3-b191-71861300734c',
    'urn:uuid:{3381af922b9e11e3b19171861300734c}',
  ])('Client-ID spelled %s: the same client, whose own messages are left out', async (spelling) => {
    const own = inOwnProject(server.url);
    await own.put('/v1/queues/own');
    expect((await own.post('/v1/queues/own/messages', [{ ttl: 300, body: 1 }])).status).toBe(201);
    const listed = await own.with({ 'Client-ID': spelling }).get('/v1/queues/own/messages');
    expect(listed.status).toBe(204);
    const other = await own.with({ 'Client-ID': 'f'.repeat(32) }).get('/v1/queues/own/messages');
    expect(other.status).toBe(200);
  });

  test.each(['', 'x', '3381af92-2b9e-11e3-b191-71861300734', '3381af92-2b9e-11e3-b191-71861300734cc', 'g'.repeat(32)])(
    'Client-ID "%s": 400 on every v1 route',
    async (id) => {
      for (const [method, path] of everyRoute) {
        const answer = await api.with({ 'Client-ID': id }).send(method, path);
        expect([method, path, answer.status]).toEqual([method, path, 400]);
      }
    },
  );

  test('X-Project-Id absent: the global project, distinct from every named one', async () => {
    const global = api.with({ 'X-Project-Id': undefined });
    const name = fresh('global');
    expect((await global.put(`/v1/queues/${name}`)).status).toBe(201);
    expect((await api.get(`/v1/queues/${name}`)).status).toBe(404);
    expect((await api.put(`/v1/queues/${name}`)).status).toBe(201);
    await global.delete(`/v1/queues/${name}`);
    expect((await api.get(`/v1/queues/${name}`)).status).toBe(204);
  });

  test.each([...everyRoute, ['GET', '/nowhere'] as const])('X-Project-Id empty: 400 on %s %s', async (method, path) => {
    const answer = await api.with({ 'X-Project-Id': '' }).send(method, path);
    expect(answer.status).toBe(400);
    if (method !== 'HEAD') expect(answer.json).toEqual(problem('Empty project header not allowed'));
  });

  test.each(['with space', 'a/b', 'a.b*c', 'ünïcödé', '480924', "'; drop", '项目'])(
    'X-Project-Id "%s": no character rule, a tenant of its own',
    async (project) => {
      const id = Buffer.from(project).toString('latin1');
      const tenant = api.with({ 'X-Project-Id': id });
      const name = fresh('q');
      expect((await tenant.put(`/v1/queues/${name}`)).status).toBe(201);
      expect((await tenant.get('/v1/queues')).text).toContain(name);
      expect((await api.get(`/v1/queues/${name}`)).status).toBe(404);
    },
  );

  test('X-Project-Id of more than 256 characters: 400, only on routes with a queue name', async () => {
    const long = api.with({ 'X-Project-Id': 'p'.repeat(257) });
    const longest = api.with({ 'X-Project-Id': 'p'.repeat(256) });
    const refused = await long.put('/v1/queues/q');
    expect(refused.status).toBe(400);
    expect(refused.json).toEqual(problem('Invalid queue identification'));
    expect((await longest.put('/v1/queues/q')).status).toBe(201);
    expect((await long.get('/v1/queues')).status).toBe(204);
    expect((await long.get('/v1')).status).toBe(200);
    expect((await long.get('/v1/health')).status).toBe(204);
    expect((await long.get('/v1/nowhere')).status).toBe(404);
  });

  test('X-Project-Id given twice with different values: 400', async () => {
    const twice = await api.get('/v1/queues', { headers: { 'X-Project-Id': ['one', 'two'] } });
    expect(twice.status).toBe(400);
  });

  test('X-Auth-Token: without a strategy nothing is checked', async () => {
    const headers = { 'X-Auth-Token': 'whatever', Authorization: 'Bearer x' };
    expect((await api.get('/v1/queues/jobs', { headers })).status).toBe(204);
    expect((await api.get('/v1/nowhere', { headers })).status).toBe(404);
  });

  test('Content-Length: a body without it is counted while it is read, with the same limits', async () => {
    const fits = `[{"ttl":300,"body":"${'x'.repeat(262_144 - 23)}"}]`;
    expect(fits.length).toBe(262_144);
    expect((await api.post('/v1/queues/jobs/messages', fits, { chunked: true })).status).toBe(201);
    expect((await api.post('/v1/queues/jobs/messages', `${fits} `, { chunked: true })).status).toBe(400);
  });

  test.each([true, false])(
    'a body that is too long is read to its end, then answered 400 (chunked: %s)',
    async (chunked) => {
      const answer = await api.post('/v1/queues/jobs/messages', Buffer.alloc(12 * 1024 * 1024, 0x20), { chunked });
      expect(answer.status).toBe(400);
      expect(answer.json).toEqual(problem('Invalid API request'));
      expect((await api.get('/v1/queues/jobs')).status).toBe(204);
    },
  );
});

describe('1.3 Query parameters', () => {
  const list = (query: string) => api.get(`/v1/queues/jobs/messages${query}`);

  test.each(['1', '+1', '%2B1', '20', '007'])('integer %s is accepted', async (value) => {
    expect((await list(`?echo=true&limit=${value}`)).status).toBe(200);
  });

  test.each(['x', '1.0', '1e1', '0x1', '--1', '1 2', '%20', '١', 'true', '1_0'])(
    'no integer %s: 400',
    async (value) => {
      const answer = await list(`?limit=${encodeURI(value).replace('%2520', '%20')}`);
      expect(answer.status).toBe(400);
      expect(answer.json.description).toContain('limit');
    },
  );

  test.each(['0', '-1', '21', '9'.repeat(400), `-${'9'.repeat(400)}`])(
    'integer out of range %#: 400',
    async (value) => {
      expect((await list(`?limit=${value}`)).status).toBe(400);
      expect((await api.get(`/v1/queues?limit=${value}`)).status).toBe(400);
      const claim = await api.post(`/v1/queues/jobs/claims?limit=${value}`, { ttl: 60, grace: 60 });
      expect(claim.status).toBe(400);
    },
  );

  test.each(['true', 'True', 'yes', '1', 't', 'y', 'on'])('boolean %s is true', async (value) => {
    expect((await list(`?echo=${value}`)).status).toBe(200);
  });
  test.each(['false', 'False', 'no', '0', 'f', 'n', 'off'])('boolean %s is false', async (value) => {
    expect((await list(`?echo=${value}`)).status).toBe(204);
  });
  test.each(['TRUE', '2', 'ja', 'null', '-'])('boolean %s: 400', async (value) => {
    expect((await list(`?echo=${value}`)).status).toBe(400);
    expect((await list(`?include_claimed=${value}`)).status).toBe(400);
    expect((await api.get(`/v1/queues?detailed=${value}`)).status).toBe(400);
  });

  test('list (ids): comma separated, empty elements dropped, the parameter may repeat', async () => {
    const posted = await api.post(
      '/v1/queues/jobs/messages',
      [1, 2, 3].map((body) => ({ ttl: 300, body })),
    );
    const [a, b, c] = posted.json.resources.map((href: string) => href.split('/').pop());
    const found = await list(`?ids=,${a},,${b},&ids=${c}`);
    expect(found.json.map(({ body }: { body: number }) => body)).toEqual([1, 2, 3]);
  });

  test('empty value: as if the parameter were absent', async () => {
    const found = await list('?echo=true&limit=&marker=&include_claimed=&ids=');
    expect(found.status).toBe(200);
    expect(found.json.links[0].href).toMatch(/^\/v1\/queues\/jobs\/messages\?marker=\d+&echo=true$/);
  });

  test('unknown parameter: ignored', async () => {
    expect((await list('?echo=true&sort=up&limits=99&%zz=%zz')).status).toBe(200);
  });

  test('given more than once: the last one counts, and a next link carries it once', async () => {
    const found = await list('?echo=false&limit=99&limit=2&echo=True');
    expect(found.status).toBe(200);
    expect(found.json.links[0].href).toMatch(/\?marker=\d+&limit=2&echo=true$/);
    const followed = await api.get(`${found.json.links[0].href}&echo=True&limit=3`);
    expect([200, 204]).toContain(followed.status);
  });

  test('empty piece: skipped', async () => {
    expect((await list('?&echo=true&&limit=5&')).status).toBe(200);
    expect((await list('?=&echo=true&=5')).status).toBe(200);
  });
});

describe('1.5 Order of checks', () => {
  const bad = { 'X-Project-Id': '', Accept: 'text/html', 'Client-ID': 'x' };
  test('project id empty, Accept, queue name, Client-ID, body', async () => {
    const post = (headers: Record<string, string>, name: string) =>
      api.with(headers).post(`/v1/queues/${name}/messages`, 'not JSON');
    const { 'X-Project-Id': _, ...rest } = bad;
    const { Accept: __, ...client } = rest;
    expect((await post(bad, 'b d'.replace(' ', '%20'))).json.title).toBe('Empty project header not allowed');
    expect((await post(rest, 'b%20d')).status).toBe(406);
    expect((await post(client, 'b%20d')).json.title).toBe('Invalid queue identification');
    expect((await post(client, 'nowhere')).json.title).toBe('Invalid header value');
    expect((await post({}, 'nowhere')).json.title).toBe('Invalid request body');
  });
});

describe('1.6 Error document', () => {
  test.each([
    ['value out of range', 'GET', '/v1/queues?limit=0', undefined, 'Invalid API request'],
    ['body missing', 'PUT', '/v1/queues/jobs/metadata', undefined, 'Invalid request body'],
    ['body unparsable', 'PUT', '/v1/queues/jobs/metadata', '{', 'Invalid request body'],
    ['body of the wrong type', 'PUT', '/v1/queues/jobs/metadata', '[]', 'Invalid request body'],
    ['field missing', 'POST', '/v1/queues/jobs/claims', '{"ttl":60}', 'Invalid request body'],
    ['ttl out of range', 'POST', '/v1/queues/jobs/claims', '{"ttl":1,"grace":60}', 'Invalid API request'],
    ['queue name', 'PUT', '/v1/queues/a%20b', undefined, 'Invalid queue identification'],
    ['query parameter not an int', 'GET', '/v1/queues?limit=x', undefined, 'Invalid query parameter'],
    ['query parameter missing', 'DELETE', '/v1/queues/jobs/messages', undefined, 'Invalid query parameter'],
  ])('400 %s: title and description', async (_what, method, path, body, title) => {
    const answer = await api.send(method, path, { body });
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(answer.json).toEqual(problem(title));
  });

  test('404: as K, "Not found" with a description, except GET/HEAD of a queue', async () => {
    const answer = await api.get('/v1/queues/nowhere/stats');
    expect(answer.status).toBe(404);
    expect(answer.json).toEqual(problem('Not found'));
    const queue = await api.get('/v1/queues/nowhere');
    expect([queue.status, queue.bytes.length]).toEqual([404, 0]);
  });

  test('406: a title, and a link for help', async () => {
    const answer = await api.get('/v1/queues', { headers: { Accept: 'application/xml' } });
    expect(answer.json).toMatchObject({
      title: 'Media type not acceptable',
      link: { text: expect.any(String), href: expect.any(String), rel: 'help' },
    });
  });
});

describe('1.7 Response headers', () => {
  test('Content-Type with every body, none and no body with 204', async () => {
    const [with200, with204] = [await api.get('/v1/queues/jobs/stats'), await api.get('/v1/queues/jobs')];
    expect(with200.headers['content-type']).toBe('application/json');
    expect(with204.headers['content-type']).toBeUndefined();
    expect(with204.headers['content-length']).toBeUndefined();
    expect(with204.bytes.length).toBe(0);
  });

  test('Content-Location: the query string exactly as received', async () => {
    const path = '/v1/queues/jobs/messages?&limit=5&&echo=True&x=%7e~+%zz';
    expect((await api.get(path)).headers['content-location']).toBe(path);
  });

  test('every answer has a request id; a usable one of the client is kept', async () => {
    const [made, kept, replaced] = [
      await api.get('/v1/queues/nowhere'),
      await api.get('/v1/queues/nowhere', { headers: { 'X-Request-Id': 'order-17' } }),
      await api.get('/v1/queues/nowhere', { headers: { 'X-Request-Id': 'a b' } }),
    ];
    expect(made.headers['x-request-id']).toMatch(/^[\w-]+$/);
    expect(kept.headers['x-request-id']).toBe('order-17');
    expect(replaced.headers['x-request-id']).toMatch(/^[\w-]+$/);
  });
});
