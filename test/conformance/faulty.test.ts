import { FAULT_NAMES, faultLacks, faulty, faultyFactory, runConformance } from '../../src/conformance/index.js';
import { openMemory } from '../../src/storage/drivers/memory/index.js';
import { memoryFactory, sqliteFactory } from '../support/storage-factories.js';

/** The faults that only a storage with two instances can have; the example driver's test plants them. */
const OF_SHARED = ['sees-others-late', 'shows-behind-reader', 'ignores-skew'];

/** The area whose cases must find the fault, among others perhaps. */
const FOUND_BY = {
  'loses-post': 'posting',
  'shows-half-post': 'reading beside writing',
  'forgets-producer-key': 'producer keys',
  'repeats-marker': 'posting',
  'lists-out-of-order': 'listing',
  'claims-twice': 'claiming',
  'claims-newest-first': 'claiming',
  'honours-ended-claim': 'claim end',
  'late-acknowledge-deletes': 'acknowledging',
  'serves-expired': 'expiry',
  'stats-off-by-one': 'statistics',
  'stats-negative': 'statistics',
  'fence-not-seen': 'incarnations',
  'sweep-shows': 'sweeping',
  'mixes-queues': 'incarnations',
  'mixes-projects': 'projects',
  'clock-goes-back': 'opening',
  hangs: 'popping',
} as const;

test.each(Object.entries(FOUND_BY))('%s is found by "%s"', async (fault, area) => {
  const factory = faultyFactory(memoryFactory, fault as keyof typeof FOUND_BY);
  const report = await runConformance(factory, { only: [area], caseMs: fault === 'hangs' ? 100 : 5_000 });
  expect(report.areas.find(({ name }) => name === area)).toMatchObject({ verdict: 'fail' });
  expect(report).toMatchObject({ compatible: false });
  expect(report.failures.length).toBeGreaterThan(0);
});

test.each(['reopening', 'crashing'])('drops-on-reopen is found by "%s"', async (area) => {
  const factory = faultyFactory(sqliteFactory('inline'), 'drops-on-reopen');
  const { failures } = await runConformance(factory, { only: [area] });
  expect(failures.length).toBeGreaterThan(0);
});

test('every fault is planted by some test, and those of other storages say what they lack', async () => {
  const tried = [...Object.keys(FOUND_BY), 'drops-on-reopen', ...OF_SHARED];
  expect([...FAULT_NAMES].sort()).toEqual(tried.sort());
  const { driver, capabilities, durability, offers } = await runConformance(memoryFactory, { only: ['opening'] });
  const lacking = FAULT_NAMES.filter((fault) => faultLacks(fault, { driver, capabilities, durability, offers }));
  expect(lacking.sort()).toEqual(['drops-on-reopen', ...OF_SHARED].sort());
});

test('one storage can be made faulty too, and is otherwise as it was', async () => {
  const storage = faulty(openMemory(), 'stats-off-by-one');
  const queue = { uid: '1'.repeat(32), pool: 'default' };
  await storage.messages.apply({ ops: [{ kind: 'open', queue }], now: 1_000 });
  expect(await storage.messages.stats(queue, 1_000)).toMatchObject({ kind: 'stats', total: 1, claimed: 0 });
  expect(await storage.health()).toEqual({ state: 'ok', detail: '' });
  expect(storage).toMatchObject({ driver: 'memory', durability: 'memory' });
  await storage.close();
});
