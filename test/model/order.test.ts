import { explored, LONG, tell } from './explore/explored.js';
import { ORDER } from './scenarios/order.js';

test.each(LONG ? ORDER : ORDER.slice(0, 2))('$name', async (scenario) => {
  const found = await explored(scenario);
  tell(found);
  expect(found.violation).toBeNull();
});
