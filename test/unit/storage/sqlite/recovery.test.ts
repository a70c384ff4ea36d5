import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Alarm } from '../../../../src/storage/drivers/sqlite/recovery/alarm.js';
import { Anchor } from '../../../../src/storage/drivers/sqlite/recovery/anchor.js';
import { Recovery } from '../../../../src/storage/drivers/sqlite/recovery/recovery.js';
import type { Reader } from '../../../../src/storage/drivers/sqlite/reader/reader.js';
import type { Lane } from '../../../../src/storage/drivers/sqlite/thread/lane.js';
import { rewriteWal } from '../../../../src/storage/drivers/sqlite/recovery/rewrite-wal.js';
import { SharedLane } from '../../../../src/storage/drivers/sqlite/thread/shared-lane.js';
import { makeTempDir, removeTempDir } from '../../../support/temp-dir.js';

let steps: string[];
let alarm: Alarm;
let anchor: Anchor;
let failures: number;
let recovery: Recovery;

/** A lane whose calls are noted, and whose `comeBack` fails as often as the test says. */
function lane(name: string): Lane<Reader> {
  const noted = {
    call: async (method: string) => {
      steps.push(`${name} ${method}`);
      if (method !== 'comeBack') return;
      if (failures-- > 0) throw new Error('the disk still fails');
      alarm.lower();
    },
    close: async () => undefined,
  };
  return noted as unknown as Lane<Reader>;
}

beforeEach(() => {
  jest.useFakeTimers();
  [steps, failures] = [[], 0];
  alarm = new Alarm(Alarm.memory());
  anchor = new Anchor(() => {
    throw new Error('not opened in this test');
  }, 'none');
  anchor.hold = () => void steps.push('anchor held');
  anchor.letGo = () => void steps.push('anchor let go');
  const lanes = { writer: lane('writer'), keeper: lane('keeper'), reader: new SharedLane([lane('a'), lane('b')]) };
  recovery = new Recovery(lanes, alarm, anchor, () => Date.now());
});

afterEach(async () => {
  await recovery.stop();
  jest.useRealTimers();
});

test('does nothing while the disk works', async () => {
  await jest.advanceTimersByTimeAsync(1_000);
  expect(steps).toEqual([]);
});

test('closes every connection, the anchor last, before the writer opens anew', async () => {
  alarm.raise();
  await jest.advanceTimersByTimeAsync(100);
  const closed = ['writer close', 'keeper close', 'a close', 'b close'];
  expect(steps).toEqual([...closed, 'anchor let go', 'writer comeBack', 'anchor held']);
  await jest.advanceTimersByTimeAsync(1_000);
  expect(steps).toHaveLength(7);
});

test('tries again after waits that grow', async () => {
  failures = Infinity;
  alarm.raise();
  await jest.advanceTimersByTimeAsync(10_000);
  const tries = steps.filter((step) => step === 'writer comeBack').length;
  expect(tries).toBeGreaterThan(5);
  expect(tries).toBeLessThan(15);
  failures = 0;
  await jest.advanceTimersByTimeAsync(3_000);
  expect(alarm.raised).toBe(false);
});

test('at the end the anchor goes first, and last when the disk has failed', async () => {
  const letGo = await recovery.stop();
  expect(steps).toEqual(['anchor let go']);
  steps = [];
  alarm.raise();
  await recovery.stop();
  expect(steps).toEqual([]);
  letGo();
  expect(steps).toEqual(['anchor let go']);
});

test('the WAL is written over itself, byte for byte, and one that is not there is left so', () => {
  const folder = makeTempDir('wal');
  const path = join(folder, 'wal');
  rewriteWal(path);
  expect(existsSync(path)).toBe(false);
  const content = randomBytes(2 * 1024 * 1024 + 17);
  writeFileSync(path, content);
  rewriteWal(path);
  expect(readFileSync(path).equals(content)).toBe(true);
  removeTempDir(folder);
});
