import { Explorer } from './explore/explorer.js';
import { line } from './explore/report.js';
import { CLAIMS } from './scenarios/claims.js';
import { DELETION } from './scenarios/deletion.js';
import { KEYS } from './scenarios/keys.js';
import { ORDER } from './scenarios/order.js';
import { ModelWorld, type Scenario } from './world/model-world.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';

/** A reading that is under way when its queue is deleted may meet the freeing of its rows, and show a part of a post. */
const MEETS_FREEING = ['the same, freed meanwhile', 'a list of a queue that is deleted and freed'];

/** Those that take seconds; the long tier has them all. */
const QUICK = [...ORDER.slice(0, 3), ...KEYS.slice(0, 2), ...CLAIMS.slice(0, 7)];
const ALL = [...ORDER, ...KEYS, ...CLAIMS];

async function explore(scenario: Scenario) {
  const found = await new Explorer(() => ModelWorld.begin(scenario)).explore();
  process.stdout.write(`${line(scenario.name, found)}\n`);
  if (found.violation) process.stdout.write(`${found.violation.trace.join('\n')}\n`);
  return found;
}

const kept = [...(LONG ? ALL : QUICK), ...DELETION.filter(({ name }) => !MEETS_FREEING.includes(name))];

test.each(kept)('$name', async (scenario) => {
  expect((await explore(scenario)).violation).toBeNull();
});

test.each(DELETION.filter(({ name }) => MEETS_FREEING.includes(name)))(
  '$name: a part may show (GUARANTEES, on MongoDB)',
  async (scenario) => {
    expect((await explore(scenario)).violation?.message).toMatch(/lies at|sees/);
  },
);
