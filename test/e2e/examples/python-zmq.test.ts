/** The client in Python, written from the protocol page alone, and the snippets that use ZeroMQ do what they say. */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CurveFiles } from '../../support/curve-files.js';
import { call, connect } from '../../support/grpc-client.js';
import { pythonWith } from '../../support/python-venv.js';
import { cleanEnv, startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';

/** Milliseconds for fetching what the client needs, once. */
const SETUP_MS = 300_000;

const root = join(__dirname, '../../..');
const example = join(root, 'examples/python-zmq');
const folder = makeTempDir('python-zmq');
/** Where the contract goes that README.md makes: less than that of the client. */
const short = join(folder, 'short');
const curve = new CurveFiles(folder);
const ACME = JSON.stringify(
  ['pull', 'push', 'pub'].map((role) => ({
    role,
    listen: 'tcp://127.0.0.1:0',
    project: 'acme',
    domain: `acme-${role}`,
  })),
);

let python: string;
let open: RunningMarconi;
let closed: RunningMarconi;

beforeAll(async () => {
  python = await pythonWith('python-zmq', join(example, 'requirements.txt'));
  mkdirSync(short);
  await makeProtos('examples/python-zmq/README.md', example, folder);
  await makeProtos('README.md', root, short);
  const { secretKey } = curve.client('worker', 'acme', ['read', 'post', 'consume', 'manage']);
  writeFileSync(join(folder, 'worker.secret'), secretKey);
  writeFileSync(join(folder, 'server.public'), curve.server.publicKey);
  open = await startMarconi();
  closed = await startMarconi({ args: [...curve.flags, `--zmq-endpoints=${ACME}`] });
}, SETUP_MS);

afterAll(async () => {
  await Promise.all([open.stop(), closed.stop()]);
  removeTempDir(folder);
});

/** Makes the Python code of the contract by the command that a page gives, into another folder. */
async function makeProtos(page: string, cwd: string, into: string): Promise<void> {
  const text = readFileSync(join(root, page), 'utf8');
  const [, rest = ''] = /python (-m grpc_tools\.protoc (?:\\\n|[^`\n])+)/.exec(text) ?? [];
  const command = `"${python}" ${rest.replace(/--python_out=\S+/, `--python_out="${into}"`)}`;
  await promisify(execFile)('sh', ['-c', command], { cwd });
}

/** What a Python program prints. It finds the client and its contract, or what it is told to. */
async function runPython(args: readonly string[], path = [folder, example]): Promise<string> {
  const env = cleanEnv({ PYTHONPATH: path.join(':'), PYTHONDONTWRITEBYTECODE: '1' });
  const { stdout } = await promisify(execFile)(python, args, { env, timeout: 50_000 });
  return stdout;
}

/** The bodies in a queue and how many of its messages are under a claim, as gRPC shows them. */
async function seen(server: RunningMarconi, project: string | undefined, queue: string) {
  const client = connect(server.grpcAddress);
  const options = project === undefined ? {} : { project };
  const page = await call(
    client.messages,
    'listMessages',
    { queue, marker: '', limit: 20, includeClaimed: true },
    options,
  );
  const { claimed } = await call(client.queues, 'getQueueStats', { queue }, options);
  client.close();
  return { bodies: page.messages.map(({ body }) => JSON.parse(body.toString()) as unknown), claimed };
}

/** What the demo says, wherever it runs, after it has told whose its session is. */
const TOLD = `create x-jobs: created=True
post: 3 messages
list: [0, 1, 2]
claim: [0, 1]
acknowledge: ['ACKNOWLEDGED', 'ACKNOWLEDGED'], again: ['ALREADY_GONE', 'ALREADY_GONE']
claim: [2], of others: None
release: 1
refused: QUEUE_NOT_FOUND
receipt 1: 2 stored, duplicate=False
receipt 2: 2 stored, duplicate=False
other content under sequence 2: PRODUCER_KEY_REUSED
deliveries: [0, 1], [2, 3], then: None
acknowledge: ['ACKNOWLEDGED', 'ACKNOWLEDGED']
release: 2
deliveries: ['2, attempt 2', '3, attempt 2', '4, attempt 1']
follow: [0]
follow: [1, 2], of these claimed: [0]
follow: 27, from 3 to 29, more: []
receipt 3, sent again: 1 stored, duplicate=True
receipt 4: 1 stored, duplicate=False
list: [2, 10, 11, 20, 21, 30, 40]
done
`;
/** What it leaves behind in its queues; of the last one the first page. */
const LEFT = {
  jobs: { bodies: [2, 10, 11, 20, 21, 30, 40].map((task) => ({ task })), claimed: 0n },
  work: { bodies: [], claimed: 0n },
  news: { bodies: Array.from({ length: 20 }, (_, task) => ({ task })), claimed: 1n },
};

async function left(server: RunningMarconi, project?: string) {
  const [jobs, work, news] = await Promise.all(
    ['x-jobs', 'x-work', 'x-news'].map((queue) => seen(server, project, queue)),
  );
  return { jobs, work, news };
}

/** The flags of the demo for the sockets of a server: those that all projects share, or those of one. */
function addresses(server: RunningMarconi, of = ''): string[] {
  const sockets = { push: 'pull', work: 'push', news: 'pub' };
  const flags = Object.entries(sockets).map(([flag, role]) => `--${flag}=${server.zmqAddress(of + role)}`);
  const endpoints = of === '' ? [] : [`--work-endpoint=${of}push`, `--news-endpoint=${of}pub`];
  return [`--router=${server.zmqAddress('router')}`, ...flags, ...endpoints];
}

test.each([
  ['a project', 'acme'],
  ['the global project', undefined],
])('the demo, without CURVE, in %s', async (_, project) => {
  const named = project === undefined ? [] : ['--project', project];
  const told = await runPython([join(example, 'demo.py'), '--prefix', 'x', ...addresses(open), ...named]);
  expect(told).toBe(`session: of any project\n${TOLD}`);
  expect(await left(open, project)).toEqual(LEFT);
});

test('the demo, with CURVE, in the project of its key', async () => {
  const keys = ['--server-key', join(folder, 'server.public'), '--secret-key', join(folder, 'worker.secret')];
  const told = await runPython([join(example, 'demo.py'), '--prefix', 'x', ...addresses(closed, 'acme-'), ...keys]);
  expect(told).toBe(`session: of the project acme\n${TOLD}`);
  expect(await left(closed, 'acme')).toEqual(LEFT);
});

test('a session that is over is begun anew, and receipts go on', async () => {
  const at = `"${open.zmqAddress('router')}", "${open.zmqAddress('pull')}"`;
  const code = `from client import MarconiClient
with MarconiClient(${at}) as client:
    client.follow_receipts("p")
    client.connection.session = b"not known"
    print(client.create_queue("renewed").created, client.publish("p", 1, "renewed", [b"1"], tries=1).duplicate)`;
  expect(await runPython(['-c', code])).toBe('True False\n');
});

test('a post whose receipt was lost with the connection is stored once', async () => {
  const [router, pull] = [open.zmqAddress('router'), open.zmqAddress('pull')];
  const code = `from client import MarconiClient
with MarconiClient("${router}", "${pull}", timeout=1) as client:
    client.create_queue("reconnected")
    client.follow_receipts("p")
    client.connection.dealer.disconnect("${router}")
    client.connection.dealer.connect("${router}")
    client.send_post("p", 1, "reconnected", [b"1"])
    print(client.receipt("p", 1))
    print(client.publish("p", 1, "reconnected", [b"1"]).duplicate)`;
  expect(await runPython(['-c', code])).toBe('None\nTrue\n');
  expect(await seen(open, undefined, 'reconnected')).toEqual({ bodies: [1], claimed: 0n });
});

test('a worker says within its heartbeats that it lives, also under a session that was begun anew', async () => {
  const secretKey = readFileSync(join(folder, 'worker.secret'), 'utf8');
  const keys = `server_key=b"${curve.server.publicKey}", secret_key=b"${secretKey}"`;
  // At an endpoint of its own: the credit of the session that it forgets keeps workers of other queues away.
  const code = `from client import MarconiClient
from worker import Worker
with MarconiClient("${closed.zmqAddress('router')}", ${keys}) as client:
    client.create_queue("beating")
    with Worker(client, "${closed.zmqAddress('acme-push')}", ["beating"], endpoint="acme-push") as worker:
        client.connection.session = b"not known"
        print(worker.take(3), client.connection.sequence)
        client.post("beating", [b"1"])
        delivery = worker.take(10)
        print(client.acknowledge(delivery.queue, delivery.claim, [delivery.claim.messages[0].id]))`;
  expect(await runPython(['-c', code])).toBe("None 1\n['ACKNOWLEDGED']\n");
});

test('a subscriber goes on after a silence, and with the next queue of the name', async () => {
  const code = `from client import MarconiClient
from marconi.v1 import queues_pb2
from subscription import Subscription
with MarconiClient("${open.zmqAddress('router')}") as client:
    client.create_queue("news")
    subscription = Subscription(client, "${open.zmqAddress('pub')}", "news", position=0)
    heard = lambda: next(subscription.follow(10)).body
    client.post("news", [b"1"])
    print(heard())
    subscription.socket.unsubscribe(subscription.topic)
    client.post("news", [b"2"])
    print(next(subscription.follow(0.3), None))
    subscription.renew_at = 0
    print(heard())
    for renewed in (False, True):
        client.call("QueueService/DeleteQueue", queues_pb2.DeleteQueueRequest(queue="news"))
        print(next(subscription.follow(0.7), None), subscription.position)
        if renewed: subscription.renew_at = 0
        print(next(subscription.follow(0.2), None))
        client.create_queue("news")
        client.post("news", [b"3"])
        print(heard())`;
  const anew = "None 0\nNone\nb'3'\n";
  expect(await runPython(['-c', code])).toBe(`b'1'\nNone\nb'2'\n${anew}${anew}`);
});

test('a key that the server does not know gets no answer', async () => {
  const { secretKey } = curve.client('stranger', null, []);
  const keys = `server_key=b"${curve.server.publicKey}", secret_key=b"${secretKey}"`;
  const code = `from client import MarconiClient\nMarconiClient("${closed.zmqAddress('router')}", ${keys}, timeout=1)`;
  await expect(runPython(['-c', code])).rejects.toThrow('TimeoutError: no answer to ENVELOPE_KIND_SESSION_OPEN');
});

/** The Python of a page that uses ZeroMQ, with the addresses of a server in place of the default ones. */
function snippetsOf(page: string, server: RunningMarconi): string[] {
  const blocks = [...readFileSync(join(root, page), 'utf8').matchAll(/^```python\n(.*?)^```$/gms)].map(
    ([, code]) => code!,
  );
  const using = blocks.filter((code) => code.includes('tcp://127.0.0.1:8890'));
  return using.map((code) =>
    code
      .replaceAll('tcp://127.0.0.1:8890', server.zmqAddress('router'))
      .replaceAll('tcp://127.0.0.1:8891', server.zmqAddress('pull'))
      .replaceAll('tcp://127.0.0.1:8892', server.zmqAddress('push'))
      .replaceAll('tcp://127.0.0.1:8893', server.zmqAddress('pub')),
  );
}

test('what README.md shows, as it stands', async () => {
  const snippets = snippetsOf('README.md', open);
  expect(snippets).toHaveLength(1);
  for (const code of snippets) expect(await runPython(['-c', code], [short])).toMatch(/^ids: "m.*-0"$/m);
  expect((await seen(open, undefined, 'jobs')).bodies).toEqual([{ task: 'resize' }]);
});

test('what the README of the client shows, as it stands', async () => {
  const [calls = '', work = '', news = '', ...others] = snippetsOf('examples/python-zmq/README.md', open);
  expect(others).toEqual([]);
  await runPython(['-c', calls]);
  expect(await seen(open, 'acme', 'jobs')).toEqual({ bodies: [], claimed: 0n });
  const client = connect(open.grpcAddress);
  await call(client.queues, 'createQueue', { queue: 'tasks' }, { project: 'acme' });
  const messages = Array.from({ length: 7 }, () => ({ body: Buffer.from('1'), contentType: '', ttlSeconds: 60 }));
  await call(client.messages, 'postMessages', { queue: 'tasks', messages }, { project: 'acme' });
  client.close();
  await runPython(['-c', work]);
  expect(await seen(open, 'acme', 'tasks')).toEqual({ bodies: [], claimed: 0n });
  expect(await runPython(['-c', news])).toBe(`b'{"headline": "It rains"}' 1\n`);
});
