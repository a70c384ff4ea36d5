import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, type ConfigError } from '../../../src/config/index.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';

const folder = makeTempDir('config');
afterAll(() => removeTempDir(folder));

const settings = (env: Record<string, string>, file?: string) =>
  loadConfig({ env, flags: new Map(), ...(file === undefined ? {} : { file }) }).settings.zmq;
const problems = (env: Record<string, string>): readonly string[] => {
  try {
    settings(env);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
};
const KEYS = { MARCONI_ZMQ_SECRET_KEY: 's', MARCONI_ZMQ_CLIENT_KEYS: 'c' };
const endpoints = (...list: object[]) => ({ MARCONI_ZMQ_ENDPOINTS: JSON.stringify(list) });
const pull = (more = {}) => ({ role: 'pull', listen: 'tcp://0.0.0.0:9000', project: 'p', ...more });

test('by default the door is open to this machine, without CURVE', () => {
  expect(settings({})).toMatchObject({
    router: 'tcp://127.0.0.1:8890',
    pull: 'tcp://127.0.0.1:8891',
    push: 'tcp://127.0.0.1:8892',
    pub: 'tcp://127.0.0.1:8893',
    endpoints: [],
    curve: null,
  });
});

test('endpoints are a list in the file, and JSON elsewhere', () => {
  const path = join(folder, 'marconi.yaml');
  writeFileSync(
    path,
    'zmq:\n  secretKey: s\n  clientKeys: c\n  endpoints:\n' +
      '    - {role: pull, listen: "tcp://0.0.0.0:9000", project: p, queues: [q]}\n',
  );
  const expected = [{ ...pull(), queues: ['q'], domain: 'pull-0', clientKeys: '', ttl: 60, grace: 60 }];
  expect(settings({}, path).endpoints).toEqual(expected);
  expect(settings({ ...KEYS, ...endpoints(pull({ queues: ['q'] })) }).endpoints).toEqual(expected);
});

test.each([
  ['a router for all without CURVE', { MARCONI_ZMQ_ROUTER: 'tcp://0.0.0.0:1' }, /zmq.router .* unless zmq.secretKey/],
  [
    'even in a closed network',
    { MARCONI_ZMQ_ROUTER: 'tcp://0.0.0.0:1', MARCONI_AUTH_ALLOW_OPEN_LISTEN: 'true' },
    /zmq.router/,
  ],
  [
    'a shared PULL for all, even with CURVE',
    { ...KEYS, MARCONI_ZMQ_PULL: 'tcp://0.0.0.0:1' },
    /zmq.pull .*belongs to one project/,
  ],
  [
    'a shared PUSH for all, even with CURVE',
    { ...KEYS, MARCONI_ZMQ_PUSH: 'tcp://0.0.0.0:1' },
    /zmq.push .*belongs to one project/,
  ],
  [
    'a shared PUB for all, even with CURVE',
    { ...KEYS, MARCONI_ZMQ_PUB: 'tcp://0.0.0.0:1' },
    /zmq.pub .*belongs to one project/,
  ],
  ['an endpoint for all without CURVE', endpoints(pull()), /pull-0: expected a loopback or ipc address/],
  [
    'keys of an endpoint without CURVE',
    endpoints(pull({ listen: 'ipc:///x', clientKeys: 'f' })),
    /clientKeys is of no use/,
  ],
  ['half of the keys', { MARCONI_ZMQ_SECRET_KEY: 's' }, /zmq.clientKeys: expected a file name because zmq.secretKey/],
  [
    'a domain twice',
    { ...KEYS, ...endpoints(pull({ domain: 'd' }), pull({ domain: 'd' })) },
    /the domain d stands twice/,
  ],
  [
    'receipts without a router',
    { MARCONI_ZMQ_ROUTER: '', MARCONI_ZMQ_PULL: 'ipc:///x' },
    /zmq.pull .*its clients need zmq.router, which is off/,
  ],
  [
    'endpoints without a router',
    { MARCONI_ZMQ_ROUTER: '', ...endpoints(pull({ listen: 'ipc:///x' })) },
    /zmq.endpoints .*its clients need zmq.router/,
  ],
  [
    'an address of another kind',
    { MARCONI_ZMQ_ROUTER: '127.0.0.1:1' },
    /expected tcp:\/\/HOST:PORT or ipc:\/\/PATH or nothing/,
  ],
  ['a role that is none', endpoints(pull({ role: 'pop' })), /zmq.endpoints .*expected a list of endpoints/],
  ['a domain that has an option', endpoints(pull({ domain: 'pub' })), /zmq.endpoints .*expected a list of endpoints/],
  ['claims too short', endpoints(pull({ role: 'push', ttl: 59 })), /zmq.endpoints .*expected a list of endpoints/],
  ['no project', endpoints({ role: 'pull', listen: 'ipc:///x' }), /zmq.endpoints .*expected a list/],
  ['a queue name that is none', endpoints(pull({ queues: ['a/b'] })), /zmq.endpoints .*expected a list/],
  ['frames too short for a post', { MARCONI_ZMQ_MAX_MESSAGE_BYTES: '70000' }, /zmq.maxMessageBytes .*327680/],
])('%s is refused', (_name, env, problem) => {
  expect(problems(env)).toEqual([expect.stringMatching(problem)]);
});

test('with CURVE the router and endpoints may be reached by others', () => {
  expect(problems({ ...KEYS, MARCONI_ZMQ_ROUTER: 'tcp://0.0.0.0:1', ...endpoints(pull()) })).toEqual([]);
});

test('with CURVE there are no endpoints that all projects share, and none may be asked for', () => {
  expect(settings(KEYS)).toMatchObject({ router: 'tcp://127.0.0.1:8890', pull: '', push: '', pub: '' });
  const asked = problems({ ...KEYS, MARCONI_ZMQ_PULL: 'tcp://127.0.0.1:1', MARCONI_ZMQ_PUSH: 'ipc:///x' });
  expect(asked).toEqual([
    expect.stringMatching(/^zmq.pull .*zmq.secretKey is set .*belongs to one project: zmq.endpoints$/),
    expect.stringMatching(/^zmq.push .*zmq.secretKey is set/),
  ]);
});

test('the door can be off', () => {
  expect(settings({ MARCONI_ZMQ_ROUTER: '' })).toMatchObject({ router: '', pull: '', push: '', pub: '' });
});
