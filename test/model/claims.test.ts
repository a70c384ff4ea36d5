import { explored, LONG, tell } from './explore/explored.js';
import { CLAIMS } from './scenarios/claims.js';

test.each(LONG ? CLAIMS : CLAIMS.slice(0, 7))('$name', async (scenario) => {
  const found = await explored(scenario);
  tell(found);
  expect(found.violation).toBeNull();
});
