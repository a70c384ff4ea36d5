import { explored, LONG } from './explore/explored.js';
import { PLANTED } from './scenarios/planted.js';

test.each(PLANTED.filter(({ long = false }) => LONG || !long))('finds it when $name', async (scenario) => {
  expect((await explored(scenario)).violation?.message).toMatch(scenario.found);
});
