import { fresh, type RestClient } from '../../support/rest-client.js';
import { inOwnProject, startRest } from '../../support/rest-target.js';

let server: Awaited<ReturnType<typeof startRest>>;
let api: RestClient;

beforeAll(async () => {
  server = await startRest();
  api = inOwnProject(server.url);
  await api.put('/v1/queues/jobs');
});
afterAll(() => server.stop());

const messages = '/v1/queues/jobs/messages';
const metadata = '/v1/queues/jobs/metadata';
const claims = '/v1/queues/jobs/claims';

/** Every operation that reads a body, and how to wrap a value so that it is one. */
const takers = [
  ['PUT', metadata, (value: string) => `{"a":${value}}`],
  ['POST', messages, (value: string) => `[{"ttl":300,"body":${value}}]`],
  ['POST', claims, (value: string) => `{"ttl":60,"grace":60,"a":${value}}`],
  ['PATCH', `${claims}/x`, (value: string) => `{"ttl":60,"a":${value}}`],
] as const;

describe.each(takers)('1.4 JSON rules on %s %s', (method, path, wrap) => {
  const status = async (body: unknown) => (await api.send(method, path, { body })).status;

  test('no body, or zero length: 400', async () => {
    expect(await status(undefined)).toBe(400);
    expect(await status('')).toBe(400);
    expect((await api.send(method, path, { body: '', chunked: true })).status).toBe(400);
  });

  test.each(['  ', '{', 'x', "{'a': 1}", wrap('1,'), `${wrap('1')} x`, `\ufeff${wrap('1')}`])(
    'not JSON: %j is 400',
    async (body) => {
      expect(await status(body)).toBe(400);
    },
  );

  test('not UTF-8: 400', async () => {
    const [before, after] = wrap('"x"').split('x');
    const broken = [Buffer.from(before!), Buffer.from([0xff]), Buffer.from(after!)];
    expect(await status(Buffer.concat(broken))).toBe(400);
    expect(await status(Buffer.from(wrap('1'), 'utf16le'))).toBe(400);
  });

  test.each([
    '"x"',
    '1',
    'null',
    'true',
    path === messages ? '{}' : '[]',
    path === messages ? '{"ttl":60,"body":1}' : '[{"ttl":60,"grace":60}]',
  ])('JSON of the wrong top-level type: %s is 400', async (body) => {
    expect(await status(body)).toBe(400);
  });

  test.each(['9223372036854775808', '-9223372036854775809', '[[{"x":99999999999999999999999}]]', '9'.repeat(5_000)])(
    'an integer literal outside 64 bits, at any depth: 400 (%#)',
    async (value) => {
      expect(await status(wrap(value))).toBe(400);
    },
  );

  test.each(['NaN', 'Infinity', '-Infinity', '[NaN]'])('%s: 400', async (value) => {
    expect(await status(wrap(value))).toBe(400);
  });

  test('nested more than a thousand deep: 400', async () => {
    expect(await status(wrap('['.repeat(100_000) + ']'.repeat(100_000)))).toBe(400);
    expect(await status(wrap('['.repeat(1_100) + ']'.repeat(1_100)))).toBe(400);
  });
});

describe('1.4 JSON rules', () => {
  const bodyOf = async (value: string) => {
    const queue = fresh('q');
    await api.put(`/v1/queues/${queue}`);
    const posted = await api.post(`/v1/queues/${queue}/messages`, `[{"ttl":300,"body":${value}}]`);
    expect(posted.status).toBe(201);
    const text = (await api.get(posted.json.resources[0])).text;
    return text.slice(text.indexOf('"body":') + 7, -1);
  };

  const nested = `{${Array.from({ length: 200 }, (_, i) => `"key-${i}" :[${i},{"deep": [ ${'['.repeat(20)}${']'.repeat(20)} ]}]`).join(' ,\n')}}`;

  test.each([
    ['64-bit integers', '[9007199254740993,9223372036854775807,-9223372036854775808,0,-0]'],
    ['numbers as they were written', '[1.0,1e2,1E+2,0.10,123456789012345678901.5,1e400]'],
    ['an emoji key', '{"😀":"👩‍👩‍👧‍👦","é":"\\u00e9","":null,"a.b":1,"$set":2}'],
    ['odd white space', '{ "a"\t:\r\n[ 1 ,2 ]\n}'],
    ['duplicate members', '{"a":1,"a":2,"__proto__":{"x":1},"constructor":3}'],
    ['escapes and lone surrogates', '"\\ud83d\\ude00 \\ud800 \\/ \\" \\\\ ] } \\u0000"'],
    ['null', 'null'],
    ['a bare string, number, truth value', '"x"'],
    ['false', 'false'],
    ['nested JSON of 4 KiB and more', nested],
  ])('a body comes back byte for byte: %s', async (_what, value) => {
    expect(await bodyOf(value)).toBe(value);
  });

  test('the nested body above has 4 KiB at least', () => {
    expect(nested.length).toBeGreaterThan(4096);
  });

  test('metadata comes back byte for byte', async () => {
    const value = '{ "n":9007199254740993,\n"😀":[1.0 , null ], "ключ":"значение","a":{"_b":1} }';
    expect((await api.put(metadata, value)).status).toBe(204);
    expect((await api.get(metadata)).text).toBe(value);
    expect((await api.get('/v1/queues?detailed=true')).text).toContain(`"metadata":${value}}`);
  });

  test('unknown fields: dropped silently', async () => {
    const posted = await api.post(
      messages,
      '[{"id":"x","ttl":300,"delay":{"a":[1]},"body":"b","limit":null,"href":7}]',
    );
    expect(posted.status).toBe(201);
    expect(Object.keys((await api.get(posted.json.resources[0])).json)).toEqual(['href', 'ttl', 'age', 'body']);
    for (const limit of ['null', '1', '99', '"x"']) {
      const claim = await api.post(claims, `{"ttl":60,"grace":60,"limit":${limit}}`);
      expect([201, 204]).toContain(claim.status);
    }
  });

  test.each([
    ['ttl', 'POST', messages, '[{"body":1}]'],
    ['body', 'POST', messages, '[{"ttl":60}]'],
    ['ttl', 'POST', claims, '{"grace":60}'],
    ['grace', 'POST', claims, '{"ttl":60}'],
    ['ttl', 'PATCH', `${claims}/x`, '{"grace":60}'],
  ])('required field %s missing: 400 with its name (%s %s)', async (field, method, path, body) => {
    const answer = await api.send(method, path, { body });
    expect(answer.status).toBe(400);
    expect(answer.json.description).toContain(`"${field}"`);
  });

  test.each(['60.0', '6e1', '"60"', 'null', 'true', '[60]', '{}'])(
    'ttl or grace %s: not an integer, 400',
    async (value) => {
      expect((await api.post(messages, `[{"ttl":${value},"body":1}]`)).status).toBe(400);
      expect((await api.post(claims, `{"ttl":${value},"grace":60}`)).status).toBe(400);
      expect((await api.post(claims, `{"ttl":60,"grace":${value}}`)).status).toBe(400);
      expect((await api.patch(`${claims}/x`, `{"ttl":${value}}`)).status).toBe(400);
      expect((await api.patch(`${claims}/x`, `{"ttl":60,"grace":${value}}`)).status).toBe(400);
    },
  );

  test.each(['1', '"x"', 'null', '[]', 'true'])(
    'element %s of the message array is no object: 400',
    async (element) => {
      expect((await api.post(messages, `[{"ttl":60,"body":1},${element}]`)).status).toBe(400);
    },
  );

  test('output: UTF-8, application/json', async () => {
    const answer = await api.get('/v1/queues?detailed=true');
    expect(answer.headers['content-type']).toBe('application/json');
    expect(Buffer.from(answer.bytes.toString('utf8')).equals(answer.bytes)).toBe(true);
  });
});
