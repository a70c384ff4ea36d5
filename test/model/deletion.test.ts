import { explored, tell } from './explore/explored.js';
import { DELETION } from './scenarios/deletion.js';

/** A reading that is under way when its queue is deleted may meet the freeing of its rows, and show a part of a post. */
const MEETS_FREEING = ['a list of a queue that is deleted and freed'];

test.each(DELETION.filter(({ name }) => !MEETS_FREEING.includes(name)))('$name', async (scenario) => {
  const found = await explored(scenario);
  tell(found);
  expect(found.violation).toBeNull();
});

test.each(DELETION.filter(({ name }) => MEETS_FREEING.includes(name)))(
  '$name: a part may show (GUARANTEES, on MongoDB)',
  async (scenario) => {
    expect((await explored(scenario)).violation?.message).toMatch(/lies at|sees/);
  },
);
