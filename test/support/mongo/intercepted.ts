import { MongoNetworkError } from 'mongodb';
import type { DocCollection } from '../../../src/storage/drivers/mongodb/collection.js';
import type { Collections } from '../../../src/storage/drivers/mongodb/collections.js';
import { failure } from '../../../src/storage/drivers/mongodb/errors.js';

/** What happens in place of a command; `run` sends it. */
export type Detour = (run: () => Promise<unknown>) => Promise<unknown>;

/** Collections with something in the way of one of their commands. */
export function intercepted(
  collections: Collections,
  name: keyof Collections,
  method: keyof DocCollection<unknown>,
  detour: Detour,
): Collections {
  const target = collections[name];
  const command = target[method].bind(target) as (...args: unknown[]) => Promise<unknown>;
  const detoured = (...args: unknown[]): Promise<unknown> => detour(() => command(...args));
  return { ...collections, [name]: Object.assign(Object.create(target) as object, { [method]: detoured }) };
}

/** Something else happens just before each such command. */
export function before(other: () => Promise<unknown>): Detour {
  return async (run) => {
    await other();
    return run();
  };
}

/** As if the process ended just before the command was sent. */
export const crash: Detour = () => Promise.reject(new Error('crashed'));

/** The first command does not arrive, as if its connection broke; the others do. */
export function brokenOnce(): Detour {
  let broken = false;
  return (run) => {
    if (broken) return run();
    broken = true;
    return Promise.reject(failure(new MongoNetworkError('connection broken')));
  };
}

/** The first command arrives, and the connection breaks before its answer does. */
export function unansweredOnce(): Detour {
  let answered = false;
  return async (run) => {
    const answer = await run();
    if (answered) return answer;
    answered = true;
    throw failure(new MongoNetworkError('connection broken'));
  };
}
