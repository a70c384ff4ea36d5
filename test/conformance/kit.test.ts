import {
  describeStorage,
  reportText,
  runConformance,
  type PlannedCase,
  type Runner,
  type StorageFactory,
} from '../../src/conformance/index.js';
import { memoryFactory } from '../support/storage-factories.js';
import type { Storage } from '../../src/storage/ports/index.js';

/** Memory storages, changed. */
function memoryWith(change: (storage: Storage) => Partial<Storage>): StorageFactory {
  return {
    create: async () => {
      const made = await memoryFactory.create();
      return { ...made, storage: { ...made.storage, ...change(made.storage) } };
    },
  };
}

const miscounting = memoryWith(({ messages }) => ({
  messages: Object.create(messages, { openQueues: { value: async () => [{ uid: 'x', openedAt: 1 }] } }),
}));
const WRONG = [
  'opening > is empty at first',
  'incarnations > lists the opened ones that are not fenced, in order of uid, page by page',
];

describe('a run by itself', () => {
  test('finds the reference model compatible, and says what it is', async () => {
    const report = await runConformance(memoryFactory);
    expect(report).toMatchObject({
      format: 'marconi-conformance/1',
      marconi: expect.stringMatching(/^\d+\.\d+\.\d+/),
      node: process.versions.node,
      driver: 'memory',
      durability: 'memory',
      capabilities: { commitScope: 'store', persistent: false, shared: false },
      offers: { reopen: false, second: false, crash: false, signals: false, transfer: true },
      compatible: true,
      complete: true,
      failures: [],
      exceptions: [],
      problems: [],
    });
    expect(Date.parse(report.date)).not.toBeNaN();
    expect(report.totals).toMatchObject({ failed: 0, excepted: 0 });
    expect(report.totals.passed).toBeGreaterThan(300);
    expect(report.areas.find(({ name }) => name === 'sharing')).toMatchObject({
      verdict: 'notApplicable',
      lacks: 'second instance on the same data',
      passed: 0,
    });
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    const text = reportText(report);
    expect(text).toMatch(/^Storage driver memory, by the suite of Marconi /);
    expect(text).toMatch(/ok {3}claiming +\d+ passed\n/);
    expect(text).toMatch(/- {4}sharing +the storage has no second instance/);
    expect(text).toMatch(/memory: COMPATIBLE \(\d+ passed, 0 failed, 0 excepted\)$/);
  });

  test('names each case that fails, with its rounds and a message', async () => {
    const report = await runConformance(miscounting);
    expect(report.failures.map((failure) => failure.case)).toEqual(WRONG);
    expect(report.failures.map(({ rounds }) => rounds)).toEqual([[], ['unswept', 'swept']]);
    expect(report.failures[0]!.message).toContain('"uid": "x"');
    expect(report.compatible).toBe(false);
    expect(reportText(report)).toMatch(/memory: NOT COMPATIBLE \(\d+ passed, 3 failed, 0 excepted\)$/);
  });

  test('lists exceptions apart, tells those that pass, and refuses unknown ones', async () => {
    const reason = 'its server counts otherwise';
    const passing = 'posting > applies an empty commit';
    const exceptions = Object.fromEntries([...WRONG, passing].map((id) => [id, reason]));
    const report = await runConformance(miscounting, { exceptions });
    expect(report).toMatchObject({ compatible: true, failures: [], totals: { failed: 0, excepted: 5 } });
    expect(report.exceptions).toMatchObject([
      { case: WRONG[0], reason, fails: true, rounds: [] },
      { case: WRONG[1], reason, fails: true, rounds: ['unswept', 'swept'] },
      { case: passing, reason, fails: false, rounds: [], message: '' },
    ]);
    expect(reportText(report)).toContain(`${passing}: ${reason} (passes: it can go)`);
    const unknown = runConformance(memoryFactory, { exceptions: { 'posting > flies': 'why not' } });
    await expect(unknown).rejects.toThrow('no case is called "posting > flies"');
    const silent = runConformance(memoryFactory, { exceptions: { [passing]: ' ' } });
    await expect(silent).rejects.toThrow('gives no reason');
  });

  test('fails a case that hangs, goes on with a new storage, and gives up on a driver that is dead', async () => {
    let made = 0;
    const hanging = memoryWith(({ messages }) => {
      const dead = ++made === 2;
      return {
        messages: dead ? Object.create(messages, { apply: { value: () => new Promise(() => undefined) } }) : messages,
      };
    });
    const one = await runConformance(hanging, { only: ['deleting many'], caseMs: 50 });
    expect(one.failures).toMatchObject([{ rounds: ['unswept'], message: 'the case took longer than 50 ms' }]);
    const dead = memoryWith(({ messages }) => ({
      messages: Object.create(messages, { apply: { value: () => new Promise(() => undefined) } }),
    }));
    const all = await runConformance(dead, { only: ['claiming'], caseMs: 20 });
    expect(all.failures.at(-1)!.message).toBe('not run: 5 cases before it never ended');
    expect(all.totals).toMatchObject({ passed: 0 });
  });

  test('runs some areas alone, stops at a failure when asked to, and is then not complete', async () => {
    const some = await runConformance(memoryFactory, { only: ['posting', 'grace'] });
    expect(some).toMatchObject({ compatible: false, complete: false, failures: [] });
    expect(some.areas.filter(({ verdict }) => verdict === 'pass').map(({ name }) => name)).toEqual([
      'posting',
      'grace',
    ]);
    expect(reportText(some)).toMatch(/INCOMPLETE .*not every case was run\)$/);
    const bailed = await runConformance(miscounting, { bail: true });
    expect(bailed.failures).toHaveLength(1);
    expect(bailed.areas.at(-1)).toMatchObject({ verdict: 'notRun' });
    await expect(runConformance(memoryFactory, { only: ['poking'] })).rejects.toThrow('no area is called poking');
  });

  test('tells of a storage that cannot be made or disposed of', async () => {
    const none: StorageFactory = { create: () => Promise.reject(new Error('no disk')) };
    await expect(runConformance(none)).rejects.toThrow('no disk');
    let made = 0;
    const stuck: StorageFactory = {
      create: async () => {
        const dispose = ++made > 1 ? () => Promise.reject(new Error('still busy')) : async () => undefined;
        return { ...(await memoryFactory.create()), dispose };
      },
    };
    const report = await runConformance(stuck, { only: ['grace'] });
    expect(report).toMatchObject({ problems: ['still busy'], compatible: false });
  });

  test('runs batches of several queues at once where the storage commits by queue', async () => {
    const byQueue = memoryWith(({ capabilities }) => ({ capabilities: { ...capabilities, commitScope: 'queue' } }));
    const report = await runConformance(byQueue, { only: ['batches at once', 'posting'] });
    expect(report.failures).toEqual([]);
    expect(report.areas.find(({ name }) => name === 'batches at once')).toMatchObject({ verdict: 'pass' });
  });
});

describe('under a test runner', () => {
  /** A runner that collects, so that its tests can be run here. */
  function collector(): { runner: Runner; tests: Map<string, () => Promise<void>> } {
    const tests = new Map<string, () => Promise<void>>();
    const path: string[] = [];
    const runner: Runner = {
      describe: (name, body) => {
        path.push(name);
        body();
        path.pop();
      },
      it: (name, body) => void tests.set([...path, name].join(' | '), body),
      afterAll: () => undefined,
    };
    return { runner, tests };
  }

  test('describes each case under its area and round', async () => {
    const { runner, tests } = collector();
    describeStorage('mine', memoryFactory, { runner });
    const names = [...tests.keys()];
    expect(names).toContain('storage mine | opening | is empty at first');
    expect(names).toContain('storage mine | swept | posting | applies an empty commit');
    await tests.get('storage mine | swept | posting | applies an empty commit')!();
  });

  test('describes only the cases that are wanted', () => {
    const { runner, tests } = collector();
    const wanted = ({ id, round }: PlannedCase) => id.startsWith('grace >') && round?.swept !== true;
    describeStorage('mine', memoryFactory, { runner, wanted });
    expect(tests.size).toBeGreaterThan(1);
    for (const name of tests.keys()) expect(name).toMatch(/^storage mine \| unswept \| grace \| /);
  });

  test.each([
    [false, 1],
    [true, 0],
  ])('makes a storage for each case when they are to be apart: %s', async (apart, shared) => {
    const alive = new Set<number>();
    let made = 0;
    const counting: StorageFactory = {
      create: async () => {
        const number = ++made;
        alive.add(number);
        return { ...(await memoryFactory.create()), dispose: async () => void alive.delete(number) };
      },
    };
    const { runner, tests } = collector();
    const wanted = ({ id, round }: PlannedCase) => id.startsWith('grace >') && round?.swept === true;
    describeStorage('mine', counting, { runner, wanted, apart });
    for (const run of tests.values()) await run();
    expect(made).toBe(apart ? tests.size : 1);
    expect(alive.size).toBe(shared);
  });

  test('wants an exception to fail, and to be known', async () => {
    const { runner, tests } = collector();
    const exceptions = { [WRONG[0]!]: 'counts', 'posting > applies an empty commit': 'none' };
    describeStorage('mine', miscounting, { runner, exceptions });
    await tests.get('storage mine | opening | fails, excepted: is empty at first (counts)')!();
    const passing = tests.get('storage mine | swept | posting | fails, excepted: applies an empty commit (none)')!;
    await expect(passing()).rejects.toThrow('did not fail');
    const unknown = { runner, exceptions: { 'posting > flies': 'x' } };
    expect(() => describeStorage('mine', memoryFactory, unknown)).toThrow('no case is called');
  });
});
