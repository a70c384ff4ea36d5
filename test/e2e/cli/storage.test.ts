import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runMarconi, startMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { RestQueue } from './rest.js';

const folder = makeTempDir('storage-cli');
afterAll(() => removeTempDir(folder));

const file = (name: string): string => join(folder, name);

/** A storage with so many messages in the queue `work`, and their ids. */
async function filled(name: string, messages: number): Promise<{ storage: string; ids: readonly string[] }> {
  const storage = `sqlite:${file(name)}`;
  const server = await startMarconi({ storage });
  const queue = new RestQueue(server.restUrl);
  await queue.create();
  const posted = await Promise.all(Array.from({ length: messages }, (_, n) => queue.post({ n })));
  expect(await server.stop()).toBe(0);
  return { storage, ids: posted.map((outcome) => (outcome as { id: string }).id) };
}

test('check: a sound storage is told with its counts, for people and for programs', async () => {
  const { storage } = await filled('sound.db', 5);
  const text = await runMarconi(['storage', 'check', '--storage', storage]);
  expect(text.stdout).toMatch(/sound\.db: no fault found \(1 queues, 5 messages, \d+ bytes, schema \d+\)\n$/);
  expect(text.code).toBe(0);
  const json = await runMarconi(['storage', 'check', '--storage', storage, '--json']);
  expect(JSON.parse(json.stdout)).toMatchObject({ queues: 1, messages: 5, problems: [] });
});

test('check: damage ends with 3 and is told', async () => {
  const { storage } = await filled('damaged.db', 40);
  const path = file('damaged.db');
  const bytes = readFileSync(path);
  // Everything behind the header page: tables are there, their pages are noise.
  bytes.fill(0xa5, 3 * 4096);
  writeFileSync(path, bytes);
  const { code, stdout } = await runMarconi(['storage', 'check', '--storage', storage]);
  expect(stdout).toMatch(/damaged\.db: \d+ faults found/);
  expect(code).toBe(3);
});

test('check: what is no storage of ours ends with 1 and says what to do', async () => {
  writeFileSync(file('text.db'), 'not a database '.repeat(1000));
  for (const storage of [`sqlite:${file('absent.db')}`, `sqlite:${file('text.db')}`]) {
    const { code, stdout, stderr } = await runMarconi(['storage', 'check', '--storage', storage]);
    expect(stderr).toMatch(/^marconi: STORAGE_UNAVAILABLE: /);
    expect(stdout).toBe('');
    expect(code).toBe(1);
  }
  expect(existsSync(file('absent.db'))).toBe(false);
  const memory = await runMarconi(['storage', 'check', '--storage=memory:']);
  expect(memory).toMatchObject({ code: 2, stderr: expect.stringContaining('memory: is kept nowhere') as string });
});

test('a backup taken under load holds all that was acknowledged before it, and can be restored and served', async () => {
  const server = await startMarconi({ storage: `sqlite:${file('busy.db')}` });
  const queue = new RestQueue(server.restUrl);
  await queue.create();
  const acked: string[] = [];
  let stop = false;
  const posters = Array.from({ length: 8 }, async (_, poster) => {
    for (let n = 0; !stop; n += 1) {
      const outcome = await queue.post({ poster, n });
      if ('id' in outcome) acked.push(outcome.id);
    }
  });
  await waitFor('some load', () => acked.length > 100);

  const before = [...acked];
  const backup = await runMarconi(['storage', 'backup', file('busy.bak'), '--storage', server.storage, '--json']);
  const during = acked.length - before.length;
  stop = true;
  await Promise.all(posters);
  expect(backup.code).toBe(0);
  const report = JSON.parse(backup.stdout) as { messages: number; problems: string[] };
  expect(report.problems).toEqual([]);
  expect(report.messages).toBeGreaterThanOrEqual(before.length);
  expect(during).toBeGreaterThan(0);
  expect(await server.stop()).toBe(0);

  const restored = `sqlite:${file('restored.db')}`;
  expect((await runMarconi(['storage', 'restore', file('busy.bak'), '--storage', restored])).code).toBe(0);
  const again = await startMarconi({ storage: restored });
  const stored = await new RestQueue(again.restUrl).stored(before);
  expect(before.filter((id) => !stored.has(id))).toEqual([]);
  expect(await again.stop()).toBe(0);
});

test('nothing is overwritten, and a storage in use is not replaced', async () => {
  const { storage } = await filled('kept.db', 3);
  expect((await runMarconi(['storage', 'backup', file('kept.bak'), '--storage', storage])).code).toBe(0);
  const twice = await runMarconi(['storage', 'backup', file('kept.bak'), '--storage', storage]);
  expect(twice.code).toBe(1);
  expect(twice.stderr).toContain('kept.bak');
  const onto = await runMarconi(['storage', 'restore', file('kept.bak'), '--storage', storage]);
  expect(onto.code).toBe(1);
  const server = await startMarconi({ storage });
  const inUse = await runMarconi(['storage', 'restore', file('kept.bak'), '--storage', storage]);
  expect(inUse.code).toBe(1);
  expect(await server.stop()).toBe(0);
});

test('a storage serves one process: a second start is refused and says why', async () => {
  const server = await startMarconi({ storage: `sqlite:${file('one.db')}` });
  const second = startMarconi({ command: 'core', storage: server.storage });
  await expect(second).rejects.toThrow(/ended with 1: .*STORAGE_UNAVAILABLE/s);
  expect(await server.stop()).toBe(0);
});

test('init makes a storage that a server then serves, and stats counts while it does', async () => {
  const storage = `sqlite:${file('made.db')}`;
  const made = await runMarconi(['storage', 'init', '--storage', storage]);
  expect(made).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/made\.db: created, with schema \d+\n$/) as string,
  });
  const server = await startMarconi({ storage });
  const [work, rest] = [new RestQueue(server.restUrl), new RestQueue(server.restUrl, 'rest')];
  await Promise.all([work.create(), rest.create()]);
  await Promise.all([work.post({ n: 1 }), work.post({ n: 2 }), rest.post({ n: 3 })]);
  expect(await work.claim(0)).toBe(201);
  const again = await runMarconi(['storage', 'init', '--storage', storage, '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ existed: true, schemaBefore: 1, schemaVersion: 1 });
  const text = await runMarconi(['storage', 'stats', '--storage', storage, '--limit=1']);
  expect(text.stdout).toMatch(
    /made\.db: 1 projects, 2 queues, 3 messages \(2 claimed\), \d+ bytes, oldest message \d+ s old/,
  );
  expect(text.stdout).toMatch(/\n +2 +2 +\d+ s +work +\(global\)\n$/);
  const json = await runMarconi(['storage', 'stats', '--storage', storage, '--json']);
  const queues = [
    { name: 'work', messages: 2, claimed: 2 },
    { name: 'rest', messages: 1, claimed: 0 },
  ];
  expect(JSON.parse(json.stdout)).toMatchObject({ queues: 2, messages: 3, claimed: 2, largest: queues });
  expect(await server.stop()).toBe(0);
});

test.each([
  [['stats', '--limit=-1'], /--limit: expected 0 to 10000 queues, got -1/],
  [['stats', '--storage=memory:'], /memory: is kept nowhere/],
  [['init', '--storage=redis://x'], /storage/],
])('storage %j is refused in words', async (args, text) => {
  const { code, stderr, stdout } = await runMarconi(['storage', ...args]);
  expect(stderr).toMatch(text);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});
