/**
 * Mutated requests over REST: whatever comes, the server answers, and never with a fault of its own. The seed is in the
 * name, and MARCONI_TEST_SEED chooses it.
 */
import { connect } from 'node:net';
import { CLIENT, RestClient } from '../support/rest-client.js';
import { Random } from '../support/random.js';
import { isAlive, startMarconi, type RunningMarconi } from '../support/server.js';

const long = process.env['MARCONI_TEST_TIER'] === 'long';
const REQUESTS = long ? 100_000 : 15_000;
const RAW_REQUESTS = long ? 10_000 : 1_000;
const AT_ONCE = 8;
const seed = Number(process.env['MARCONI_TEST_SEED'] ?? 1);

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'];
const PATHS = ['', '/metadata', '/stats', '/messages', '/messages/ID', '/claims', '/claims/ID', '/x', '/'];
const QUEUES = ['fuzz', 'fuzz-2', 'nowhere', 'a%20b', '%ff', 'x'.repeat(65), '..', ''];
const NAMES = ['limit', 'marker', 'echo', 'include_claimed', 'detailed', 'ids', 'claim_id', 'wait', '%zz', ''];
const VALUES = [
  '1',
  '20',
  '21',
  '-1',
  'true',
  'no',
  'x',
  '',
  '9'.repeat(30),
  '%ff',
  '%00',
  '+',
  ',,',
  '1e3',
  '😀',
  'ID,ID',
];
const BODIES = [
  '[{"ttl":300,"body":{"a":[1,2.5,"x"]}}]',
  '{"ttl":60,"grace":60}',
  '{"ttl":60}',
  '{"a":{"_b":[9007199254740993]}}',
  '[{"ttl":60,"body":1},{"ttl":61,"body":"\\ud83d"}]',
  '',
];
/** What the API serves, with a body that is right: more than half of the requests begin here. */
const OPERATIONS: readonly (readonly [string, string, (string | undefined)?])[] = [
  ['POST', '/messages', BODIES[0]],
  ['POST', '/messages', BODIES[4]],
  ['GET', '/messages'],
  ['GET', '/messages?ids=ID,ID'],
  ['GET', '/messages/ID'],
  ['DELETE', '/messages/ID'],
  ['DELETE', '/messages/ID?claim_id=ID'],
  ['POST', '/claims', BODIES[1]],
  ['GET', '/claims/ID'],
  ['PATCH', '/claims/ID', BODIES[2]],
  ['DELETE', '/claims/ID'],
  ['PUT', '/metadata', '{"a":{"_b":[9007199254740993]}}'],
  ['GET', '/stats'],
];
const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['Client-ID', [CLIENT, CLIENT, CLIENT, 'x', '', `{${CLIENT}}`]],
  ['X-Project-Id', ['p', 'p', 'p', '', 'x'.repeat(300), '\u00e9', ' a/b ']],
  ['Accept', ['*/*', 'application/json', 'text/html', ';;q=,', 'application/json;q=x']],
  ['Content-Type', ['application/json', 'application/x-www-form-urlencoded', '\u0080']],
  ['Idempotency-Key', ['k', '', 'x'.repeat(300), '\u00e9']],
  ['X-Auth-Token', ['t', '\u00ff']],
  ['traceparent', ['00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '00-x', '']],
  ['Expect', ['100-continue']],
  ['Content-Encoding', ['gzip']],
];
const JUNK = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\u0000',
  '9'.repeat(25),
  '-',
  '1e999',
  'null',
  '\ufeff',
  '\\u12',
  ' ',
];

/** Cuts, doubles and replaces bytes here and there. */
function mutate(rng: Random, text: string): Buffer {
  let bytes = Buffer.from(text);
  for (let times = rng.between(0, 3); times > 0; times--) {
    const at = rng.between(0, bytes.length);
    const end = Math.min(bytes.length, at + rng.between(0, 5));
    const put = rng.between(0, 3) === 0 ? Buffer.from([rng.between(0, 255)]) : Buffer.from(rng.pick(JUNK));
    bytes = Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(rng.between(0, 1) === 0 ? at : end)]);
  }
  return bytes;
}

interface Known {
  ids: string[];
}

/** A request made of sound and unsound parts. */
function makeRequest(rng: Random, { ids }: Known) {
  const id = () =>
    ids.length > 0 && rng.between(0, 2) > 0 ? rng.pick(ids) : rng.pick(['x', '%zz', '1', 'mAAAAAAAAAAAAAAAA-0']);
  const headers: Record<string, string> = { 'Client-ID': CLIENT, 'X-Project-Id': 'p' };
  for (const [name, values] of HEADERS) if (rng.chance(0.1)) headers[name] = rng.pick(values);
  const [method, path, sound] = rng.chance(0.6) ? rng.pick(OPERATIONS) : anything(rng);
  const body = rng.chance(0.5) ? sound : mutate(rng, sound ?? rng.pick(BODIES));
  const target = path.startsWith('/v1') ? path : `/v1/queues/${rng.chance(0.9) ? 'fuzz' : rng.pick(QUEUES)}${path}`;
  return { method, target: target.replace(/ID/g, id), options: { headers, body, chunked: rng.chance(0.2) } };
}

/** Any method on any path with any query. */
function anything(rng: Random): readonly [string, string, (string | undefined)?] {
  const query = Array.from({ length: rng.between(0, 3) }, () => `${rng.pick(NAMES)}=${encodeURI(rng.pick(VALUES))}`);
  const path = rng.chance(0.1) ? rng.pick(['/v1', '/v1/', '/v1/health', '/v1/queues', '/v1/x']) : rng.pick(PATHS);
  const method = rng.pick(METHODS);
  // A queue that is deleted at every turn never holds anything; a long wait only makes the run long.
  const kept = method === 'DELETE' && path.length < 2 && rng.chance(0.95) ? 'PUT' : method;
  return [kept, `${path}?${query.join('&')}`.replaceAll('wait=20', 'wait=0')];
}

let server: RunningMarconi;
beforeAll(async () => {
  server = await startMarconi();
  const api = new RestClient(server.restUrl, { 'X-Project-Id': 'p' });
  await api.put('/v1/queues/fuzz');
  await api.put('/v1/queues/fuzz-2');
});
afterAll(() => server.stop());

/** Nothing of the server has crashed or complained of itself. */
async function expectUnharmed(): Promise<void> {
  expect(isAlive(server.pid)).toBe(true);
  const troubles = server.logs().filter(({ level }) => level === 'error' || level === 'fatal');
  expect(troubles).toEqual([]);
  expect((await new RestClient(server.restUrl).get('/readyz')).status).toBe(200);
}

test(`${REQUESTS} mutated requests: an answer to each, none of the 500s (seed ${seed})`, async () => {
  const rng = new Random(seed);
  const api = new RestClient(server.restUrl);
  const known: Known = { ids: [] };
  const statuses = new Map<number, number>();
  let left = REQUESTS;
  const worker = async () => {
    while (left-- > 0) {
      const { method, target, options } = makeRequest(rng, known);
      const answer = await api.send(method, target, options).catch((error: unknown) => {
        throw new Error(`no answer to ${method} ${target} ${JSON.stringify(options)}`, { cause: error });
      });
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      if (answer.status >= 500) throw new Error(`${answer.status} to ${method} ${target} ${JSON.stringify(options)}`);
      const found = /\/(?:messages|claims)[?/](?:ids=)?([\w-]+)/.exec(answer.headers.location ?? '');
      if (found !== null) known.ids = [...known.ids.slice(-50), found[1]!];
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  // The run must have come past the checks: messages were posted, claimed, read and refused.
  for (const status of [200, 201, 204, 400, 403, 404, 405, 406])
    expect([status, statuses.has(status)]).toEqual([status, true]);
  await expectUnharmed();
});

const RAW = [
  'GET /v1/queues/fuzz/messages?limit=1 HTTP/1.1\r\nHost: x\r\nClient-ID: ' + CLIENT + '\r\n\r\n',
  'POST /v1/queues/fuzz/messages HTTP/1.1\r\nHost: x\r\nClient-ID: ' +
    CLIENT +
    '\r\nContent-Length: 25\r\n\r\n[{"ttl":300,"body":"abc"}]',
  'PUT /v1/queues/fuzz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n',
];

/** Sends bytes, says no more, and gives what comes back until the server closes or is silent. */
function sendRaw(url: string, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.end(bytes));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => resolve(answer));
    socket.on('close', () => resolve(answer));
  });
}

test(`${RAW_REQUESTS} streams of bytes that are nearly HTTP: no harm, none of the 500s (seed ${seed})`, async () => {
  const rng = new Random(seed + 1);
  let left = RAW_REQUESTS;
  const worker = async () => {
    while (left-- > 0) {
      const bytes = mutate(rng, rng.pick(RAW));
      const answer = await sendRaw(server.restUrl, bytes);
      if (/^HTTP\/1\.1 5(?!05)\d\d/m.test(answer))
        throw new Error(`${answer.slice(0, 200)} to ${bytes.toString('latin1')}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  await expectUnharmed();
});
