/** The client of the API's own time, python-marconiclient 0.0.2, works against the server with all that it offers. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonWith } from '../../support/python-venv.js';
import { fresh } from '../../support/rest-client.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';

/** Milliseconds for fetching the client and its requirements, once. */
const SETUP_MS = 300_000;

let server: RunningMarconi;
let prefix: string;
let session: Record<string, Record<string, unknown>>;

beforeAll(async () => {
  const python = await pythonWith('marconiclient', join(__dirname, 'requirements.txt'), 'python-marconiclient==0.0.2');
  server = await startMarconi();
  prefix = fresh('python');
  const args = ['-W', 'ignore', join(__dirname, 'session.py'), server.restUrl, prefix];
  const { stdout } = await promisify(execFile)(python, args);
  session = JSON.parse(stdout);
}, SETUP_MS);
afterAll(() => server.stop());

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);
const text = expect.stringMatching(/./);

test('queues: create, exists, list, page by page, delete', () => {
  const names = upTo(12).map((i) => `${prefix}-list-${String(i).padStart(2, '0')}`);
  expect(session['queues']).toEqual({
    exists: [true, false, false],
    page: names.slice(0, 5),
    detailed: names.slice(0, 1),
    streamed: names,
    'past the end': [],
    'bad name': ['MalformedRequest', text],
    'bad limit': ['MalformedRequest', text],
  });
});

test('metadata: set, get, Unicode and 64-bit integers', () => {
  expect(session['metadata']).toEqual({
    empty: {},
    set: true,
    reloaded: true,
    absent: ['ResourceNotFound', text],
    reserved: ['MalformedRequest', text],
  });
});

test('messages: post, get, by ids, page by page, echo, stats, delete', () => {
  expect(session['messages']).toEqual({
    post: [false, 9],
    one: [true, 300, true, null, true],
    'by ids': [0, 1],
    'own are left out': 0,
    page: 3,
    streamed: upTo(9),
    'streamed own': 10,
    stats: [10, 0, 10, ['age', 'created', 'href']],
    deleted: ['ResourceNotFound', text],
    'bad ttl': ['MalformedRequest', text],
    'no queue': ['ResourceNotFound', text],
    'empty stats': { messages: { claimed: 0, free: 0, total: 0 } },
  });
});

test('claims: create, read, renew, delete under a claim, release', () => {
  expect(session['claims']).toEqual({
    taken: upTo(10),
    'claim id': true,
    'read again': [true, 100, upTo(10)],
    'limit in the body': 5,
    none: [null, []],
    'without the claim': ['ForbiddenError', text],
    renewed: 300,
    left: 9,
    released: ['ResourceNotFound', text],
    'with the released claim': ['MalformedRequest', text],
    'bad ttl': ['MalformedRequest', text],
  });
});

test('node: health, home document; operator resources are not served', () => {
  expect(session['node']).toEqual({
    health: null,
    'home document': [
      'rel/claim',
      'rel/messages',
      'rel/post-messages',
      'rel/queue',
      'rel/queue-metadata',
      'rel/queue-stats',
      'rel/queues',
    ],
    'operator resources are not served': ['ResourceNotFound', text],
    'no such version': 'MarconiError',
  });
});
