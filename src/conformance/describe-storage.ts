import type { StorageFactory, StorageUnderTest } from './factory.js';
import { Kit } from './kit.js';
import { OWN_AREAS, ROUNDS, SHARED_AREAS } from './suite.js';
import { Workshop } from './workshop.js';

/** What a runner such as Jest, Vitest or node:test offers. */
export interface Runner {
  describe(name: string, body: () => void): void;
  it(name: string, body: () => Promise<void>): void;
  beforeAll(body: () => Promise<void>): void;
  afterAll(body: () => Promise<void>): void;
}

/**
 * The rules that every storage keeps, written against the ports alone: semantics sections 1 to 8 and 11, and the
 * promises of the ports themselves. Every driver runs this same suite, once left unswept and once swept after every
 * step in time, since sweeping must never be seen.
 */
export function describeStorage(name: string, factory: StorageFactory, runner: Runner = ambientRunner()): void {
  runner.describe(`storage ${name}`, () => {
    for (const area of OWN_AREAS)
      runner.describe(area.name, () => {
        for (const [title, run] of Object.entries(area.cases))
          runner.it(title, async () => {
            const workshop = new Workshop(factory);
            await run(workshop).finally(() => workshop.dispose());
          });
      });
    for (const round of ROUNDS) runner.describe(round.name, () => describeRound(factory, round.swept, runner));
  });
}

function ambientRunner(): Runner {
  const ambient: object = globalThis;
  if ('describe' in ambient && 'it' in ambient) return ambient as Runner;
  throw new Error('describeStorage finds no global describe and it: hand it the functions of your test runner.');
}

function describeRound(factory: StorageFactory, swept: boolean, runner: Runner): void {
  let made: StorageUnderTest;
  let kit: Kit;
  runner.beforeAll(async () => {
    made = await factory.create();
    kit = new Kit(made.storage, swept);
  });
  runner.afterAll(() => made.dispose());
  for (const area of SHARED_AREAS)
    runner.describe(area.name, () => {
      for (const [title, run] of Object.entries(area.cases))
        runner.it(title, () => {
          kit.toWholeSecond();
          return run(kit);
        });
    });
}
