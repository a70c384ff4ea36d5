import { join } from 'node:path';
import type { ConformanceReport, FaultName } from '../../src/conformance/index.js';
import { buildExampleDriver, EXAMPLE_DRIVER, run } from '../support/example-driver.js';
import { makeMemoryDir } from '../support/memory-dir.js';
import { runMarconi } from '../support/server.js';
import { removeTempDir } from '../support/temp-dir.js';

const INSTALL_MS = 300_000;
const WHOLE_SUITE_MS = 120_000;
const FACTORY = join(EXAMPLE_DRIVER, 'dist/factory.js');

/** In memory: these tests tell what the driver answers, not how fast a disk is. */
const folder = makeMemoryDir('example-driver');
const env = { TMPDIR: folder };

beforeAll(buildExampleDriver, INSTALL_MS);
afterAll(() => removeTempDir(folder));

async function conform(...args: string[]): Promise<{ code: number; report: ConformanceReport }> {
  const { code, stdout, stderr } = await runMarconi(['conformance', FACTORY, '--json', ...args], env);
  if (stdout === '') throw new Error(stderr);
  return { code, report: JSON.parse(stdout) as ConformanceReport };
}

test(
  'passes the whole suite',
  async () => {
    const { code, report } = await conform();
    expect(report).toMatchObject({
      driver: 'lmdb',
      durability: 'fsync',
      capabilities: { commitScope: 'store', persistent: true, shared: true },
      offers: { reopen: true, second: true, crash: true, signals: true, transfer: false },
      compatible: true,
      complete: true,
      failures: [],
      exceptions: [],
      problems: [],
    });
    const without = report.areas
      .filter(({ verdict }) => verdict !== 'pass')
      .map(({ name, verdict }) => [name, verdict]);
    expect(without).toEqual([
      ['transfer', 'notApplicable'],
      ['batches at once', 'notApplicable'],
    ]);
    expect(code).toBe(0);
  },
  WHOLE_SUITE_MS,
);

test(
  'passes it under a test runner that is not ours',
  async () => {
    const told = await run(process.execPath, ['--test', '--test-reporter=tap', 'test/'], env);
    expect(told).toMatch(/^# fail 0$/m);
    expect(Number(/^# pass (\d+)$/m.exec(told)?.[1])).toBeGreaterThan(300);
  },
  WHOLE_SUITE_MS,
);

const FOUND_BY: readonly (readonly [FaultName, string])[] = [
  ['loses-post', 'posting'],
  ['shows-half-post', 'reading beside writing'],
  ['repeats-marker', 'listing'],
  ['claims-twice', 'claiming'],
  ['late-acknowledge-deletes', 'acknowledging'],
  ['serves-expired', 'expiry'],
  ['stats-negative', 'statistics'],
  ['fence-not-seen', 'sharing'],
  ['drops-on-reopen', 'crashing'],
  ['sees-others-late', 'sharing'],
  ['shows-behind-reader', 'sharing at once'],
  ['ignores-skew', 'taking by skewed clocks'],
];

test.each(FOUND_BY)('fails it with the fault %s, which "%s" finds', async (fault, area) => {
  const { code, report } = await conform('--fault', fault, '--only', area);
  expect(report.failures.length).toBeGreaterThan(0);
  expect(report.failures.every((failure) => failure.case.startsWith(`${area} > `))).toBe(true);
  expect(report.compatible).toBe(false);
  expect(code).toBe(1);
});
