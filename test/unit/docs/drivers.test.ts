import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { exceptionProblems, FAULT_NAMES, runConformance, type Exceptions } from '../../../src/conformance/index.js';
import * as storage from '../../../src/storage/index.js';
import { memoryFactory } from '../../support/storage-factories.js';

const page = readFileSync(join(__dirname, '../../../docs/drivers.md'), 'utf8');
const read = (path: string): string => readFileSync(join(__dirname, '../../../src/storage/ports', path), 'utf8');

/** All words of the page. */
const named = new Set(page.match(/[A-Za-z_][\w-]*/g));

test('the page of drivers tells of each method of the ports, each step and each outcome', () => {
  const kinds = [...read('message-ops.ts').matchAll(/kind: ('\w+'(?: \| '\w+')*)/g)].flatMap(([, kind]) =>
    kind!.match(/\w+/g)!,
  );
  const methods = ['control-store.ts', 'message-store.ts', 'storage.ts'].flatMap((file) =>
    [...read(file).matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name!),
  );
  expect(kinds).toEqual(expect.arrayContaining(['popNext', 'keyBusy', 'absent', 'claimed', 'lost']));
  expect(methods).toEqual(expect.arrayContaining(['createQueue', 'apply', 'openQueues', 'health']));
  // What StorageObserver is told of is the business of Marconi's own metrics.
  const missing = [...kinds, ...methods].filter((name) => !named.has(name) && name !== 'committed');
  expect(missing).toEqual([]);
});

test('the rules that the page names are exported, and the exceptions that it shows are of real cases', () => {
  const rules = /the rules that every driver shares: (.*?) \|/.exec(page)![1]!.match(/\w+/g)!;
  expect(rules.length).toBeGreaterThan(8);
  expect(rules.filter((rule) => !(rule in storage))).toEqual([]);
  const example = /```yaml\n([\s\S]*?)```/.exec(page)![1]!;
  expect(exceptionProblems(parse(example) as Exceptions)).toEqual([]);
  for (const fault of ['loses-post', 'claims-twice', 'shows-half-post'] as const) {
    expect(FAULT_NAMES).toContain(fault);
    expect(page).toContain(fault);
  }
});

test('the page tells of each member of the report', async () => {
  const report = await runConformance(memoryFactory, { only: ['opening'] });
  expect(Object.keys(report).filter((member) => !named.has(member))).toEqual([]);
  expect(Object.keys(report.offers).filter((offer) => !named.has(offer))).toEqual([]);
});
