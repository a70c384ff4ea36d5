import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSqlite } from '../../src/storage/drivers/sqlite/index.js';
import { fillStorage } from './filled-storage.js';
import { cleanEnv, MARCONI, runMarconi } from './server.js';

/** A SQLite storage that was filled. */
export interface FilledFile {
  readonly uri: string;
  /** Messages in it. */
  readonly left: number;
}

/** Makes a SQLite storage of about so many messages. */
export async function filledFile(path: string, messages: number): Promise<FilledFile> {
  const storage = await openSqlite({ path, synchronous: 'normal', reserveBytes: 0, ballastBytes: 0 });
  const left = await fillStorage(storage, messages);
  await storage.close();
  return { uri: `sqlite:${path}`, left };
}

/** Kills a copy as soon as it tells of so many messages; gives how it ended. */
async function killAt(messages: number, from: string, to: string): Promise<string> {
  const args = [MARCONI, 'storage', 'copy', from, to, '--progress-every=0'];
  const child = spawn(process.execPath, args, { env: cleanEnv(), stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const done = Number([...text.matchAll(/copying: .* messages (\d+)\//g)].at(-1)?.[1] ?? 0);
    if (done >= messages) child.kill('SIGKILL');
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  const inTheMiddle = signal === 'SIGKILL' && !text.includes('verifying');
  return inTheMiddle ? 'killed in the middle' : `ended with ${signal ?? code}: ${text.slice(-500)}`;
}

/** Copies to another storage, killed twice in the middle; fails unless the copy is identical and found sound. */
export async function expectCopied({ uri, left }: FilledFile, to: string): Promise<void> {
  expect(await killAt(left * 0.2, uri, to)).toBe('killed in the middle');
  expect(await killAt(left * 0.6, uri, to)).toBe('killed in the middle');
  const { code, stdout } = await runMarconi(['storage', 'copy', uri, to, '--json']);
  const outcome = JSON.parse(stdout) as { from: object; copied: number; found: number };
  const checksum = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
  expect(outcome.from).toMatchObject({ storage: uri, queues: 4, messages: left, checksum });
  expect(outcome).toMatchObject({ identical: true, differing: [], others: 0, to: { ...outcome.from, storage: to } });
  expect(outcome.found).toBeGreaterThanOrEqual(left * 0.6);
  expect(outcome.copied + outcome.found).toBe(left);
  expect(code).toBe(0);
  const check = await runMarconi(['storage', 'check', '--storage', to]);
  expect(check).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('no fault found') as string });
  const stats = await runMarconi(['storage', 'stats', '--storage', to, '--json']);
  expect(JSON.parse(stats.stdout)).toMatchObject({ projects: 3, queues: 4, messages: left });
}
