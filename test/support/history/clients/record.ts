import { MarconiError } from '../../../../src/errors/marconi-error.js';
import type { History } from '../history.js';
import type { Operation, Results } from '../operations.js';
import { REFUSED } from './queue-access.js';

/** Makes one call and records it; null when it was refused or is in doubt. */
export async function record<Op extends Operation>(
  history: History,
  client: string,
  op: Op,
  call: () => Promise<Results[Op['kind']]>,
): Promise<{ readonly result: Results[Op['kind']] } | null> {
  const token = history.invoke(client, op);
  try {
    const result = await call();
    token.ok(result);
    return { result };
  } catch (thrown) {
    if (thrown instanceof MarconiError && REFUSED.has(thrown.reason)) token.fail(thrown.reason);
    else token.unknown();
    return null;
  }
}
