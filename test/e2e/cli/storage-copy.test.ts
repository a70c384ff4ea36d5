import { existsSync, linkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expectCopied, filledFile, type FilledFile } from '../../support/killed-copy.js';
import { runMarconi, startMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { RestQueue } from './rest.js';

const folder = makeTempDir('copy-cli');
afterAll(() => removeTempDir(folder));

const HEADERS = { 'Client-ID': '3381af92-2b9e-11e3-b191-71861300734c', 'Content-Type': 'application/json' };
const CLAIM = JSON.stringify({ ttl: 300, grace: 60 });

const file = (name: string): string => join(folder, name);

const filled = (name: string, messages: number): Promise<FilledFile> => filledFile(file(name), messages);

const long = process.env['MARCONI_TEST_TIER'] === 'long';

test('a copy that is killed twice and begun again is identical', async () => {
  await expectCopied(await filled('big.db', long ? 200_000 : 20_000), `sqlite:${file('moved.db')}`);
});

test('a finished copy that is run again copies nothing, and says so in words', async () => {
  const { uri, left } = await filled('words.db', 1_000);
  const to = `sqlite:${file('words-copy.db')}`;
  const first = await runMarconi(['storage', 'copy', uri, to]);
  const sum = /checksum ([0-9a-f]{64})/.exec(first.stdout)?.[1];
  const account = new RegExp(
    `4 queues, ${left} messages \\(\\d+ claimed\\), 3 producer records, checksum ${sum}$`,
    'm',
  );
  expect(first.stdout).toMatch(new RegExp(`^from ${uri}: ${account.source}`, 'm'));
  expect(first.stdout).toMatch(new RegExp(`^to {3}${to}: ${account.source}`, 'm'));
  expect(first.stdout).toContain(`identical: ${left} messages copied now, 0 by earlier runs`);
  const again = await runMarconi(['storage', 'copy', uri, to]);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.stdout).toContain(`identical: 0 messages copied now, ${left} by earlier runs`);
});

test('what a consumer holds when the storage moves it can still acknowledge afterwards, and a server serves the copy', async () => {
  const server = await startMarconi({ storage: `sqlite:${file('live.db')}` });
  const queue = new RestQueue(server.restUrl);
  await queue.create();
  const posted = await Promise.all([1, 2, 3].map((n) => queue.post({ n })));
  const ids = posted.map((outcome) => ('id' in outcome ? outcome.id : ''));
  const claimed = await fetch(`${server.restUrl}/v1/queues/work/claims`, {
    method: 'POST',
    headers: HEADERS,
    body: CLAIM,
  });
  const [first] = (await claimed.json()) as { href: string }[];
  expect(await server.stop()).toBe(0);
  const to = `sqlite:${file('live-copy.db')}`;
  expect((await runMarconi(['storage', 'copy', server.storage, to])).code).toBe(0);
  const moved = await startMarconi({ storage: to });
  const there = new RestQueue(moved.restUrl);
  expect(await there.stored(ids)).toEqual(new Set(ids));
  expect(await there.claim(0)).toBe(204);
  const done = await fetch(`${moved.restUrl}${first!.href}`, { method: 'DELETE', headers: HEADERS });
  expect(done.status).toBe(204);
  expect((await there.stored(ids)).size).toBe(2);
  expect(await moved.stop()).toBe(0);
});

test('a copy is refused while a server has the source, or the destination', async () => {
  const { uri } = await filled('idle.db', 100);
  const server = await startMarconi({ command: 'core', storage: `sqlite:${file('served.db')}` });
  const busy = /^marconi: STORAGE_UNAVAILABLE: .*served\.db is served by another process: stop that one/m;
  const from = await runMarconi(['storage', 'copy', server.storage, `sqlite:${file('new.db')}`]);
  const onto = await runMarconi(['storage', 'copy', uri, server.storage]);
  for (const { code, stderr, stdout } of [from, onto]) {
    expect(stderr).toMatch(busy);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  }
  expect(existsSync(file('new.db'))).toBe(false);
  expect(await server.stop()).toBe(0);
});

test('a queue of the same name that is another one is named, and nothing is copied', async () => {
  const [one, other] = [await filled('one.db', 200), await filled('other.db', 100)];
  const { code, stderr, stdout } = await runMarconi(['storage', 'copy', one.uri, other.uri]);
  expect(stderr).toMatch(/^marconi: the target has other queues of the same names \(queue q0 of the global project, /);
  expect(stderr).toContain('queue q1 of project naïve ☂');
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  const stats = await runMarconi(['storage', 'stats', '--storage', other.uri, '--json']);
  expect(JSON.parse(stats.stdout)).toMatchObject({ queues: 4, messages: other.left });
});

test('a destination that was served after its copy is found different, and the queue is named', async () => {
  const { uri } = await filled('left.db', 300);
  const to = `sqlite:${file('drifted.db')}`;
  expect((await runMarconi(['storage', 'copy', uri, to])).code).toBe(0);
  const server = await startMarconi({ storage: to });
  expect(await new RestQueue(server.restUrl, 'q0').post({ late: true })).toHaveProperty('id');
  expect(await new RestQueue(server.restUrl, 'other').create()).toBe(201);
  expect(await server.stop()).toBe(0);
  const { code, stdout } = await runMarconi(['storage', 'copy', uri, to]);
  expect(stdout).toMatch(
    /^DIFFERENT: 0 messages copied now, \d+ by earlier runs\n {2}queue q0 of the global project is missing or different\n1 more queues are in the target only$/m,
  );
  expect(code).toBe(3);
});

const refusals: readonly (readonly [string, () => readonly string[], number, RegExp])[] = [
  ['FROM = TO', () => [`sqlite:${file('a.db')}`, `sqlite:${folder}/./a.db`], 2, /FROM and TO are the same storage/],
  ['one file by two names', linked, 2, /FROM and TO are the same storage/],
  [
    'one MongoDB database',
    () => ['mongodb://u:pw@h1,h2/m', 'mongodb://H2:27017/m?tls=true'],
    2,
    /the same .*\*\*\*@h1,h2/,
  ],
  ['an unknown FROM', () => ['redis://h', `sqlite:${file('b.db')}`], 2, /FROM: no driver takes the URI redis:\/\/h/],
  ['an unknown TO', () => [`sqlite:${file('a.db')}`, 'marconi.db'], 2, /TO: no driver takes the URI marconi\.db/],
  ['memory: to be copied', () => ['memory:', `sqlite:${file('b.db')}`], 2, /FROM: memory: is kept nowhere/],
  ['memory: to be filled', () => [`sqlite:${file('a.db')}`, 'memory:'], 2, /TO: memory: is kept nowhere/],
  [
    'a FROM that is not there',
    () => [`sqlite:${file('gone.db')}`, `sqlite:${file('b.db')}`],
    1,
    /gone\.db is not there/,
  ],
  ['one storage alone', () => [`sqlite:${file('a.db')}`], 2, /missing required argument 'to'/],
  ['progress at no time', () => ['memory:', 'memory:', '--progress-every=often'], 2, /expected 0 to 3600 seconds/],
];

function linked(): readonly string[] {
  linkSync(file('a.db'), file('hard.db'));
  symlinkSync(file('a.db'), file('soft.db'));
  return [`sqlite:${file('soft.db')}`, `sqlite:${file('hard.db')}`];
}

test.each(refusals)('%s is refused in words', async (_, args, expected, text) => {
  if (!existsSync(file('a.db'))) await filled('a.db', 100);
  const { code, stdout, stderr } = await runMarconi(['storage', 'copy', ...args()]);
  expect(stderr).toMatch(text);
  expect(stderr).not.toContain('pw@');
  expect({ code, stdout }).toEqual({ code: expected, stdout: '' });
  expect([file('gone.db'), file('b.db')].filter((path) => existsSync(path))).toEqual([]);
});
