import { countReport } from '../../../src/app/storage-tools/count-report.js';
import { countStorage, type Countable } from '../../../src/app/storage-tools/count.js';
import type { Project } from '../../../src/domain/principal.js';
import type { Gone, QueueStats, WholeQueue } from '../../../src/storage/ports/index.js';

const NOW = 1_800_000_000_000;

/** A storage with so many queues; the n-th holds n messages, the oldest n seconds old. */
function storage(queues: number, special: Readonly<Record<number, Partial<QueueStats> | Gone>> = {}): Countable {
  const all = Array.from({ length: queues }, (_, n): WholeQueue => {
    const project: Project = n === 0 ? null : `p${n % 7}`;
    const ref = { uid: String(n), pool: 'default' };
    return { project, name: `q${n}`, ref, metadata: Buffer.from('{}'), createdAt: 1, nextMarker: 1 };
  });
  return {
    now: NOW,
    queues: async (after, limit) => {
      const from = after === null ? 0 : all.findIndex(({ name }) => name === after.name) + 1;
      return all.slice(from, from + limit);
    },
    stats: async ({ uid }) => {
      const n = Number(uid);
      const oldest = n === 0 ? null : { id: 'm', postedAt: NOW - n * 1_000 };
      const usual = {
        kind: 'stats',
        total: n,
        claimed: Math.min(n, 1),
        oldest,
        newest: oldest,
        estimated: false,
      } as const;
      const { [n]: other } = special;
      return other?.kind === 'gone' ? { kind: 'gone' } : { ...usual, ...other, kind: 'stats' };
    },
  };
}

test('counts over many pages, keeps the largest, and knows the oldest message', async () => {
  const count = await countStorage(storage(450), 3);
  expect(count).toEqual({
    projects: 8,
    queues: 450,
    messages: (449 * 450) / 2,
    claimed: 449,
    oldestSeconds: 449,
    estimated: false,
    largest: [449, 448, 447].map((n) => {
      return { project: `p${n % 7}`, name: `q${n}`, messages: n, claimed: 1, oldestSeconds: n };
    }),
  });
});

test('a queue that was deleted meanwhile counts for nothing, and one estimate makes the whole one', async () => {
  const count = await countStorage(storage(4, { 2: { kind: 'gone' }, 3: { estimated: true } }), 0);
  expect(count).toMatchObject({ queues: 3, messages: 4, estimated: true, largest: [] });
});

test('an empty storage is told without what it has not', async () => {
  const { text, damaged } = countReport('s', null, await countStorage(storage(0), 5));
  expect(text).toBe('s: 0 projects, 0 queues, 0 messages (0 claimed)');
  expect(damaged).toBe(false);
});

test('the table has numbers to the right, and no control character of a tenant reaches the terminal', async () => {
  const count = await countStorage(storage(3, { 1: { total: 1_000, estimated: true } }), 5);
  const largest = count.largest.map((queue) => (queue.name === 'q2' ? { ...queue, project: 'a\x1b[2Jb\n' } : queue));
  const { text, data } = countReport('s', 77, { ...count, largest });
  expect(text.split('\n')).toEqual([
    's: 3 projects, 3 queues, about 1002 messages (2 claimed), 77 bytes, oldest message 2 s old',
    '  messages  claimed  oldest  queue  project',
    '      1000        1     1 s  q1     p1',
    '         2        1     2 s  q2     a\\u{1b}[2Jb\\u{a}',
    '         0        0       –  q0     (global)',
  ]);
  expect(data).toMatchObject({ storage: 's', bytes: 77, messages: 1_002 });
});
