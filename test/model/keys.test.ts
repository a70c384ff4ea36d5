import { explored, LONG, tell } from './explore/explored.js';
import { KEYS } from './scenarios/keys.js';

test.each(LONG ? KEYS : KEYS.slice(0, 2))('$name', async (scenario) => {
  const found = await explored(scenario);
  tell(found);
  expect(found.violation).toBeNull();
});
