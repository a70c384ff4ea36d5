import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reader } from '../../../../src/storage/drivers/sqlite/reader/reader.js';
import { Alarm } from '../../../../src/storage/drivers/sqlite/recovery/alarm.js';
import { createFile } from '../../../../src/storage/drivers/sqlite/schema/open-file.js';
import { pack } from '../../../../src/storage/drivers/sqlite/thread/arena.js';
import { ThreadLane } from '../../../../src/storage/drivers/sqlite/thread/thread-lane.js';
import type { Writer } from '../../../../src/storage/drivers/sqlite/writer/writer.js';
import { makeTempDir, removeTempDir } from '../../../support/temp-dir.js';
import { waitFor } from '../../../support/wait.js';

const queue = { uid: '1'.repeat(32), pool: 'default' };
const folder = makeTempDir('threads');
const options = {
  path: join(folder, 'marconi.db'),
  synchronous: 'normal',
  reserveBytes: 0,
  ballastBytes: 0,
  alarm: Alarm.memory(),
} as const;
afterAll(() => removeTempDir(folder));

/** Makes the thread of a lane die under its calls, as a fault in native code would. */
async function kill(lane: object): Promise<void> {
  await (lane as { worker: { terminate: () => Promise<number> } }).worker.terminate();
}

test('a thread that dies fails the calls under way, and another takes its place', async () => {
  createFile(options.path);
  const lane = await ThreadLane.open<Writer>('writer', options);
  const open = { ops: [{ kind: 'open', queue }], now: 1_800_000_000_000 } as const;
  const under = lane.call('apply', open);
  const dead = expect(under).rejects.toMatchObject({ reason: 'STORAGE_UNAVAILABLE', retryAfterMs: 100 });
  await kill(lane);
  await dead;
  await expect(lane.call('apply', open)).rejects.toMatchObject({ reason: 'STORAGE_UNAVAILABLE' });
  const applied = await waitFor('the new thread', () => lane.call('apply', open).catch(() => null), { ms: 4_000 });
  expect(applied).toMatchObject({ outcomes: [{ kind: 'opened' }] });
  await lane.close();
});

test('an error crosses the thread with its reason, its hint and its cause', async () => {
  const lane = await ThreadLane.open<Reader>('reader', { ...options, path: join(folder, 'none.db') });
  const error = await lane.call('ping').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ reason: 'STORAGE_UNAVAILABLE', retryAfterMs: 1_000 });
  expect(String((error as Error).cause)).toContain('unable to open database file');
  await lane.close();
});

test('a thread that cannot open says why', async () => {
  const text = { ...options, path: join(folder, 'text.db') };
  writeFileSync(text.path, 'no database '.repeat(1_000));
  await expect(ThreadLane.open<Writer>('writer', text)).rejects.toMatchObject({
    reason: 'STORAGE_UNAVAILABLE',
    message: expect.stringContaining('is damaged, or no SQLite database') as string,
  });
});

test('bodies are moved to one piece of memory, and the rest is left as it is', () => {
  const large = Buffer.from('-'.repeat(100) + 'abc' + '-'.repeat(100));
  const value = { n: 1, list: [{ body: large.subarray(100, 103) }, { body: Buffer.from('de') }], none: null };
  const { value: packed, transfer } = pack(value);
  expect(transfer.map((arena) => arena.byteLength)).toEqual([5]);
  expect(packed.list.map(({ body }) => Buffer.from(body).toString())).toEqual(['abc', 'de']);
  expect(packed.list.every(({ body }) => body.buffer === transfer[0])).toBe(true);
  expect([packed.n, packed.none]).toEqual([1, null]);
  expect(pack({ a: 'text' })).toEqual({ value: { a: 'text' }, transfer: [] });
});
