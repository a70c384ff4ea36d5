import { planSuite } from './plan.js';

/** Cases that a driver is known to fail, by their id ("area > title"), each with the reason. */
export type Exceptions = Readonly<Record<string, string>>;

/** What is wrong with the exceptions: ids that no case has, and missing reasons. */
export function exceptionProblems(exceptions: Exceptions): readonly string[] {
  const known = new Set(planSuite().map(({ id }) => id));
  return Object.entries(exceptions).flatMap(([id, reason]) => {
    if (!known.has(id)) return [`exceptions: no case is called ${JSON.stringify(id)}`];
    return reason.trim() === '' ? [`exceptions: ${JSON.stringify(id)} gives no reason`] : [];
  });
}

/** Throws with all that is wrong with the exceptions. */
export function checkExceptions(exceptions: Exceptions): void {
  const problems = exceptionProblems(exceptions);
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
