import { fresh, OTHER, type RestClient } from '../../support/rest-client.js';
import { inOwnProject, startRest } from '../../support/rest-target.js';

let server: Awaited<ReturnType<typeof startRest>>;
let api: RestClient;
let queue: string;
let messages: string;

beforeAll(async () => {
  server = await startRest();
});
afterAll(() => server.stop());
beforeEach(async () => {
  api = inOwnProject(server.url);
  queue = `/v1/queues/${fresh('q')}`;
  messages = `${queue}/messages`;
  await api.put(queue);
});

const idOf = (href: string) => href.split('/').pop()!;
const bodies = (list: { body: unknown }[]) => list.map(({ body }) => body);

/** Posts so many messages with bodies 0, 1, 2, … and gives their hrefs. */
async function post(count: number, from = 0): Promise<string[]> {
  const batch = Array.from({ length: count }, (_, i) => ({ ttl: 300, body: from + i }));
  return (await api.post(messages, batch)).json.resources;
}

describe('2.10 Post messages', () => {
  test('201: Location and resources in the order of the request; partial is false', async () => {
    const posted = await api.post(
      messages,
      [1, 2, 3].map((body) => ({ ttl: 60, body })),
    );
    expect(posted.status).toBe(201);
    expect(posted.json).toEqual({
      resources: [expect.any(String), expect.any(String), expect.any(String)],
      partial: false,
    });
    const ids = posted.json.resources.map(idOf);
    expect(posted.headers.location).toBe(`${messages}?ids=${ids.join(',')}`);
    expect(bodies((await api.get(posted.headers.location!)).json)).toEqual([1, 2, 3]);
    for (const [index, href] of posted.json.resources.entries())
      expect((await api.get(href)).json.body).toBe(index + 1);
  });

  test('there is no maximum count: 50 in a request, and 1000', async () => {
    expect(await post(50)).toHaveLength(50);
    expect(await post(1_000)).toHaveLength(1_000);
    expect((await api.get(`${queue}/stats`)).json.messages.total).toBe(1_050);
  });

  test('a Location names as many of the first ids as clients can be expected to read', async () => {
    const posted = await api.post(
      messages,
      Array.from({ length: 12_000 }, () => ({ ttl: 60, body: 0 })),
    );
    expect([posted.status, posted.json.resources.length]).toEqual([201, 12_000]);
    const named = posted.headers.location!.split('ids=')[1]!.split(',');
    expect(posted.headers.location!.length).toBeLessThanOrEqual(8192);
    expect(named.length).toBeGreaterThan(300);
    expect(named).toEqual(posted.json.resources.slice(0, named.length).map(idOf));
  });

  test.each([60, 1_209_600])('ttl %i: accepted and shown', async (ttl) => {
    const posted = await api.post(messages, [{ ttl, body: null }]);
    expect(posted.status).toBe(201);
    expect((await api.get(posted.json.resources[0])).json).toMatchObject({ ttl, body: null });
  });
  test.each([59, 0, -1, 1_209_601, 2 ** 53])('ttl %i: 400', async (ttl) => {
    expect((await api.post(messages, [{ ttl, body: 1 }])).status).toBe(400);
  });

  test.each([null, 0, '', 'text', [], {}, { a: { b: [1, null] } }, false])('body %j: any JSON value', async (body) => {
    const posted = await api.post(messages, [{ ttl: 60, body }]);
    expect(posted.status).toBe(201);
    expect((await api.get(posted.json.resources[0])).json.body).toEqual(body);
  });

  test('400: empty array, not an array, a missing field; if one message is bad none is stored', async () => {
    for (const bad of ['[]', '{}', '"x"', '{"ttl":60,"body":1}', '[{"ttl":60}]', '[{"body":1}]']) {
      expect([bad, (await api.post(messages, bad)).status]).toEqual([bad, 400]);
    }
    expect(
      (
        await api.post(messages, [
          { ttl: 60, body: 1 },
          { ttl: 59, body: 2 },
        ])
      ).status,
    ).toBe(400);
    expect((await api.get(`${queue}/stats`)).json.messages.total).toBe(0);
  });

  test('262144 bytes pass, white space and envelope included; one more is 400', async () => {
    const exactly = `[{"ttl":300,"body":"${'x'.repeat(262_144 - 23)}"}]`;
    expect((await api.post(messages, exactly)).status).toBe(201);
    expect((await api.post(messages, `${exactly} `)).status).toBe(400);
  });

  test('400: no Client-ID', async () => {
    expect((await api.with({ 'Client-ID': undefined }).post(messages, [{ ttl: 60, body: 1 }])).status).toBe(400);
  });

  test('404: the queue does not exist', async () => {
    const answer = await api.post('/v1/queues/nowhere/messages', [{ ttl: 60, body: 1 }]);
    expect([answer.status, answer.json.title, answer.headers.location]).toEqual([404, 'Not found', undefined]);
  });
});

describe('2.11 List messages', () => {
  test('200: exactly href, ttl, age, body, oldest first; Content-Location as received', async () => {
    const hrefs = await post(3);
    const listed = await api.get(`${messages}?echo=true&limit=3`);
    expect(listed.status).toBe(200);
    expect(listed.headers['content-location']).toBe(`${messages}?echo=true&limit=3`);
    expect(listed.json.messages).toEqual(
      hrefs.map((href, body) => ({ href, ttl: 300, age: expect.any(Number), body })),
    );
    expect(Object.keys(listed.json)).toEqual(['messages', 'links']);
    expect(listed.json.links).toEqual([
      { rel: 'next', href: expect.stringMatching(new RegExp(`^${messages}\\?marker=\\d+&limit=3&echo=true$`)) },
    ]);
  });

  test('204: none, past the end, and no such queue; Content-Location too', async () => {
    for (const path of [messages, `${messages}?marker=99999&echo=true`, '/v1/queues/nowhere/messages?limit=3']) {
      const listed = await api.get(path);
      expect([listed.status, listed.headers['content-location'], listed.bytes.length]).toEqual([204, path, 0]);
    }
  });

  test('limit: default 10, 1 to 20', async () => {
    await post(25);
    const count = async (query: string) => (await api.get(`${messages}?echo=1${query}`)).json.messages.length;
    expect([await count(''), await count('&limit=1'), await count('&limit=20')]).toEqual([10, 1, 20]);
    for (const limit of [0, 21, -5]) expect((await api.get(`${messages}?limit=${limit}`)).status).toBe(400);
  });

  test('echo: own messages are left out unless it is given', async () => {
    await post(2);
    await api.with({ 'Client-ID': OTHER }).post(messages, [{ ttl: 60, body: 'other' }]);
    expect(bodies((await api.get(messages)).json.messages)).toEqual(['other']);
    expect(bodies((await api.get(`${messages}?echo=true`)).json.messages)).toEqual([0, 1, 'other']);
  });

  test('include_claimed: messages under a live claim are left out unless it is given; no claim_id in the href', async () => {
    const hrefs = await post(3);
    await api.post(`${queue}/claims?limit=2`, { ttl: 60, grace: 60 });
    expect(bodies((await api.get(`${messages}?echo=true`)).json.messages)).toEqual([2]);
    const all = (await api.get(`${messages}?echo=true&include_claimed=true`)).json.messages;
    expect(all.map(({ href }: { href: string }) => href)).toEqual(hrefs);
  });

  test('marker: the id of a message means its position; a marker outlives its message', async () => {
    const hrefs = await post(4);
    const after = await api.get(`${messages}?echo=true&marker=${idOf(hrefs[1]!)}`);
    expect(bodies(after.json.messages)).toEqual([2, 3]);
    const first = await api.get(`${messages}?echo=true&limit=2`);
    await api.delete(hrefs[1]!);
    expect(bodies((await api.get(first.json.links[0].href)).json.messages)).toEqual([2, 3]);
  });

  test.each(['x', '-1', '1.5', '99999999999999999999999', '%00', 'mAAAAAAAAAAAAAAAA-0', '%F0%9F%98%80'])(
    'marker %s: cannot be parsed, or an id that is not in the queue: 204',
    async (marker) => {
      await post(1);
      expect((await api.get(`${messages}?echo=true&marker=${marker}`)).status).toBe(204);
    },
  );

  test('no text is one id and another marker', async () => {
    for (const href of await post(20)) expect(idOf(href)).not.toMatch(/^\d+$/);
  });

  test('the next link repeats limit, echo and include_claimed as given', async () => {
    await post(1);
    const link = async (query: string) => (await api.get(`${messages}${query}`)).json.links[0].href.split('marker=')[1];
    expect(await link('?echo=True')).toMatch(/^\d+&echo=true$/);
    expect(await link('?echo=1&include_claimed=no&limit=7')).toMatch(/^\d+&limit=7&echo=true&include_claimed=false$/);
  });

  test('paging through 10 messages by 3 gives 200 four times, then 204; the same link then waits for more', async () => {
    await post(10);
    const seen: unknown[] = [];
    let next = `${messages}?echo=true&limit=3`;
    for (const size of [3, 3, 3, 1]) {
      const page = await api.get(next);
      expect([page.status, page.json.messages.length]).toEqual([200, size]);
      seen.push(...bodies(page.json.messages));
      next = page.json.links[0].href;
    }
    expect((await api.get(next)).status).toBe(204);
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    await post(1, 10);
    expect(bodies((await api.get(next)).json.messages)).toEqual([10]);
  });
});

describe('2.12 Get a message', () => {
  test('200: claimed or not, whoever posted it; other query is ignored; Content-Location = path + query', async () => {
    const [href] = await post(1);
    const anonymous = api.with({ 'Client-ID': undefined });
    const found = await anonymous.get(`${href}?claim_id=x&limit=99`);
    expect([found.status, found.headers['content-location']]).toEqual([200, `${href}?claim_id=x&limit=99`]);
    expect(found.json).toEqual({ href, ttl: 300, age: expect.any(Number), body: 0 });
    await api.post(`${queue}/claims`, { ttl: 60, grace: 60 });
    expect((await anonymous.get(href!)).json.href).toBe(href);
  });

  test('404: unknown, ill-formed, other queue, other project, no such queue', async () => {
    const [href] = await post(1);
    const other = `/v1/queues/${fresh('q')}`;
    await api.put(other);
    const stranger = inOwnProject(server.url);
    await stranger.put(queue);
    const statuses = [
      (await api.get(`${messages}/mAAAAAAAAAAAAAAAA-0`)).status,
      (await api.get(`${messages}/x`)).status,
      (await api.get(`${other}/messages/${idOf(href!)}`)).status,
      (await stranger.get(href!)).status,
      (await api.get(`/v1/queues/nowhere/messages/${idOf(href!)}`)).status,
    ];
    expect(statuses).toEqual([404, 404, 404, 404, 404]);
  });
});

describe('2.13 Get multiple messages', () => {
  test('200: a bare array, oldest first, each once; unknown and ill-formed ids skipped; Content-Location', async () => {
    const ids = (await post(3)).map(idOf);
    const path = `${messages}?ids=${ids[2]},x,${ids[0]},mAAAAAAAAAAAAAAAA-0,${ids[2]}`;
    const found = await api.with({ 'Client-ID': undefined }).get(path);
    expect([found.status, found.headers['content-location']]).toEqual([200, path]);
    expect(bodies(found.json)).toEqual([0, 2]);
    expect(Object.keys(found.json[0])).toEqual(['href', 'ttl', 'age', 'body']);
  });

  test('claimed messages are included; echo, limit, marker, include_claimed ignored', async () => {
    const ids = (await post(3)).map(idOf);
    await api.post(`${queue}/claims`, { ttl: 60, grace: 60 });
    const found = await api.get(
      `${messages}?ids=${ids.join(',')}&limit=99&echo=maybe&marker=x&include_claimed=perhaps`,
    );
    expect(bodies(found.json)).toEqual([0, 1, 2]);
  });

  test('204: none found, or no such queue; Content-Location too', async () => {
    for (const path of [`${messages}?ids=x,y`, '/v1/queues/nowhere/messages?ids=x']) {
      const found = await api.get(path);
      expect([found.status, found.headers['content-location']]).toEqual([204, path]);
    }
  });

  test('400: more than 20 ids; duplicates count', async () => {
    const [href] = await post(1);
    const same = (count: number) => Array.from({ length: count }, () => idOf(href!)).join(',');
    expect((await api.get(`${messages}?ids=${same(20)}`)).json).toHaveLength(1);
    expect((await api.get(`${messages}?ids=${same(21)}`)).status).toBe(400);
    expect((await api.get(`${messages}?ids=${same(11)}&ids=${same(10)}`)).status).toBe(400);
  });

  test('?ids= (empty) is a plain listing', async () => {
    await post(1);
    expect((await api.get(`${messages}?ids=&echo=true`)).json.messages).toHaveLength(1);
    expect((await api.with({ 'Client-ID': undefined }).get(`${messages}?ids=`)).status).toBe(400);
  });

  test('all are given, also where they are larger together than one answer of the core', async () => {
    const hrefs: string[] = [];
    for (let i = 0; i < 18; i++) {
      hrefs.push(...(await api.post(messages, [{ ttl: 300, body: `${i}`.padEnd(250_000, 'x') }])).json.resources);
    }
    const found = await api.get(`${messages}?ids=${hrefs.map(idOf).join(',')}`);
    expect(found.json.map(({ href }: { href: string }) => href)).toEqual(hrefs);
  });
});

describe('2.14 Delete a message', () => {
  const claim = async (limit = 1) => {
    const made = await api.post(`${queue}/claims?limit=${limit}`, { ttl: 60, grace: 60 });
    return idOf(made.headers.location!);
  };
  const remove = (href: string, claimId?: string) =>
    api.with({ 'Client-ID': undefined }).delete(claimId === undefined ? href : `${href}?claim_id=${claimId}`);
  const gone = async (href: string) => (await api.get(href)).status === 404;

  test('does not exist, ill-formed id, no such queue, other project; any claim_id: 204', async () => {
    const [href] = await post(1);
    const stranger = inOwnProject(server.url);
    for (const claimId of [undefined, await claim(), 'x']) {
      expect((await remove(`${messages}/mAAAAAAAAAAAAAAAA-0`, claimId)).status).toBe(204);
      expect((await remove(`${messages}/x`, claimId)).status).toBe(204);
      expect((await remove(`/v1/queues/nowhere/messages/${idOf(href!)}`, claimId)).status).toBe(204);
      expect((await stranger.delete(href!)).status).toBe(204);
    }
    expect(await gone(href!)).toBe(false);
  });

  test('not claimed (never, released), claim_id absent: 204, deleted', async () => {
    const [never, released] = await post(2);
    expect([(await remove(never!)).status, await gone(never!)]).toEqual([204, true]);
    await api.delete(`${queue}/claims/${await claim()}`);
    expect([(await remove(released!)).status, await gone(released!)]).toEqual([204, true]);
    expect((await remove(released!)).status).toBe(204);
  });

  test('under a live claim, absent: 403', async () => {
    const [href] = await post(1);
    await claim();
    const refused = await remove(href!);
    expect([refused.status, refused.json.title, await gone(href!)]).toEqual([403, 'Unable to delete', false]);
  });

  test('under a live claim, that claim: 204, deleted; the rest of the claim stays', async () => {
    const [first, second] = await post(2);
    const claimId = await claim(2);
    expect([(await remove(first!, claimId)).status, await gone(first!)]).toEqual([204, true]);
    const rest = (await api.get(`${queue}/claims/${claimId}`)).json.messages;
    expect(rest.map(({ href }: { href: string }) => href)).toEqual([`${second}?claim_id=${claimId}`]);
    expect((await remove(first!, claimId)).status).toBe(204);
  });

  test('under a live claim, another, well-formed id: 403 if that claim lives', async () => {
    const [first, second] = await post(2);
    const [mine, other] = [await claim(), await claim()];
    expect([(await remove(first!, other)).status, await gone(first!)]).toEqual([403, false]);
    expect([(await remove(second!, mine)).status, await gone(second!)]).toEqual([403, false]);
  });

  test('under a live claim, another, well-formed id: else 400', async () => {
    const [first] = await post(1);
    const released = await claim();
    await api.delete(`${queue}/claims/${released}`);
    await claim();
    for (const id of [released, 'AAAAAAAAAAAAAAAAAAAA']) {
      const refused = await remove(first!, id);
      expect([refused.status, refused.json.title, await gone(first!)]).toEqual([400, 'Unable to delete', false]);
    }
  });

  test('not claimed, well-formed id: 400', async () => {
    const [first] = await post(1);
    const released = await claim();
    await api.delete(`${queue}/claims/${released}`);
    for (const id of [released, 'AAAAAAAAAAAAAAAAAAAA']) {
      expect([(await remove(first!, id)).status, await gone(first!)]).toEqual([400, false]);
    }
  });

  test('any existing, ill-formed id: 400', async () => {
    const [claimed, free] = await post(2);
    await claim();
    for (const id of ['x', '%zz', '%00', '..', 'x'.repeat(300)]) {
      expect([id, (await remove(claimed!, id)).status, await gone(claimed!)]).toEqual([id, 400, false]);
      expect([id, (await remove(free!, id)).status, await gone(free!)]).toEqual([id, 400, false]);
    }
  });
});

describe('2.15 Delete multiple messages', () => {
  test('204: unknown, ill-formed and foreign ids and a missing queue are ignored', async () => {
    const ids = (await post(3)).map(idOf);
    expect((await api.delete(`${messages}?ids=${ids[0]},x,mAAAAAAAAAAAAAAAA-0,${ids[2]}`)).status).toBe(204);
    expect(bodies((await api.get(`${messages}?echo=true`)).json.messages)).toEqual([1]);
    expect((await inOwnProject(server.url).delete(`${messages}?ids=${ids[1]}`)).status).toBe(204);
    expect((await api.delete('/v1/queues/nowhere/messages?ids=x')).status).toBe(204);
    expect((await api.get(`${queue}/stats`)).json.messages.total).toBe(1);
  });

  test('400: ids absent or empty; more than 20 ids', async () => {
    await post(1);
    for (const query of ['', '?', '?ids=', '?ids=,,', `?ids=${Array(21).fill('x').join(',')}`]) {
      expect([query, (await api.delete(`${messages}${query}`)).status]).toEqual([query, 400]);
    }
    expect((await api.delete(`${messages}?ids=${Array(20).fill('x').join(',')}`)).status).toBe(204);
    expect((await api.get(`${queue}/stats`)).json.messages.total).toBe(1);
  });

  test('claims are not looked at, and claim_id is ignored', async () => {
    const ids = (await post(2)).map(idOf);
    await api.post(`${queue}/claims`, { ttl: 60, grace: 60 });
    expect((await api.delete(`${messages}?ids=${ids.join(',')}&claim_id=x`)).status).toBe(204);
    expect((await api.get(`${queue}/stats`)).json.messages.total).toBe(0);
  });
});
