import { ModelWorld, type Scenario } from '../world/model-world.js';
import { Explorer, type Exploration } from './explorer.js';

/** True in the tier that has time for every scenario. */
export const LONG = process.env.MARCONI_TEST_TIER === 'long';

/** Explores a scenario, and tells in a line how much there was, after a violation how it came about. */
export async function explored(scenario: Scenario): Promise<Exploration> {
  const found = await new Explorer(() => ModelWorld.begin(scenario)).explore();
  const { states, runs, violation } = found;
  const outcome = violation === null ? '0 violations' : `violation: ${violation.message}`;
  process.stdout.write(`${scenario.name}: ${states} states, ${runs} runs, ${outcome}\n`);
  return found;
}

/** Shows how what was found came about. */
export function tell({ violation }: Exploration): void {
  if (violation) process.stdout.write(`${violation.trace.join('\n')}\n`);
}
