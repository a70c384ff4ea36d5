import { join } from 'node:path';
import { openMemory } from '../../../../src/storage/drivers/memory/index.js';
import { checkSqlite, openSqlite } from '../../../../src/storage/drivers/sqlite/index.js';
import type { MessageOp, QueueRef, Storage } from '../../../../src/storage/ports/index.js';
import { answers, Script, START } from '../../../support/storage-script.js';
import { makeTempDir, removeTempDir } from '../../../support/temp-dir.js';

const ROUNDS = 150;

const folder = makeTempDir('reference');
afterAll(() => removeTempDir(folder));

const seeds = Number(process.env['MARCONI_SEEDS'] ?? 3);
test.each(Array.from({ length: seeds }, (_, i) => i + 1))('answers as the reference does, seed %i', async (seed) => {
  const path = join(folder, String(seed), 'marconi.db');
  const options = { path, synchronous: 'normal', reserveBytes: 0, ballastBytes: 0, execution: 'inline' } as const;
  const storages = [openMemory(), await openSqlite(options)];
  const script = new Script(seed);
  const queues = [1, 2].map((n): QueueRef => ({ uid: String(n).repeat(32), pool: 'default' }));
  const opening = queues.map((queue): MessageOp => ({ kind: 'open', queue }));
  for (const storage of storages) await storage.messages.apply({ ops: opening, now: START });

  for (let round = 0; round < ROUNDS; round++) {
    script.now += script.below(4) === 0 ? script.below(12_000) : script.below(400);
    const { now } = script;
    const queue = script.one(queues);
    const ops = Array.from({ length: 1 + script.below(6) }, () => script.step(script.one(queues)));
    const [page, claim, ids] = [script.page(queue), script.claim(), Array.from({ length: 9 }, () => script.id())];
    const budget = 1 + script.below(120);
    const calls = [
      (s: Storage) => s.messages.apply({ ops, now }),
      (s: Storage) => s.messages.list(page),
      (s: Storage) => s.messages.stats(queue, now),
      (s: Storage) => s.messages.getClaim(queue, claim, page.maxBytes, now),
      (s: Storage) => s.messages.getMany(queue, ids, page.maxBytes, now),
    ];
    const [expected, actual] = await Promise.all(storages.map((storage) => answers(storage, calls)));
    expect({ round, answers: actual }).toEqual({ round, answers: expected });
    if (script.below(3) === 0) await storages[1]?.messages.sweep(now, budget);
    if (round % 50 === 49) expect(checkSqlite(path).problems).toEqual([]);
  }
  for (const storage of storages) await storage.close();
});
