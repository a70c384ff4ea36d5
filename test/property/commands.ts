import fc from 'fast-check';
import type { Position } from '../../src/domain/marker.js';
import { drawnStep, maxBytes, type Sizes } from './steps.js';
import { CALLERS, type World } from './world.js';

/** What fast-check's model would be: the model is a part of the world. */
export type Nothing = Readonly<Record<string, never>>;

type Command = fc.AsyncCommand<Nothing, World>;

const PLENTY = 10_000_000;

/** A command that is always possible and shows itself as its text. */
function command(text: string, run: (world: World) => Promise<void>): Command {
  return { check: () => true, run: (_, world) => run(world), toString: () => text };
}

/** The commands that sequences are made of. */
export function commands(sizes: Sizes): fc.Arbitrary<Command>[] {
  const commit = fc
    .array(drawnStep(sizes), { minLength: 1, maxLength: 5 })
    .map((steps) => command(`commit(${JSON.stringify(steps)})`, (world) => world.commit(steps)));
  const pass = fc.constantFrom(1, 1, 499, 499, 1_000, 1_000, 3_000, 3_000, 9_999, 9_999, 61_000, 400_000).map((ms) =>
    command(`pass(${ms} ms)`, async (world) => {
      world.now += ms;
    }),
  );
  const sweep = fc.constantFrom(1, 7, 10_000).map((budget) =>
    command(`sweep(${budget})`, async (world) => {
      await world.store.storage.messages.sweep(world.now, budget);
    }),
  );
  const replace = fc.nat(1).map((index) => command(`replace(${index})`, (world) => world.replace(index)));
  const reopen = fc.constant(command('reopen()', (world) => world.store.reopen()));
  // Weights are by repetition: fast-check draws uniformly from the list.
  return [commit, commit, commit, commit, pass, pass, look(), page(), sweep, rarely(replace), rarely(reopen)];
}

/** A command that is drawn one time in six; in the others nothing happens. */
function rarely(one: fc.Arbitrary<Command>): fc.Arbitrary<Command> {
  return fc.oneof(
    { weight: 1, arbitrary: one },
    { weight: 5, arbitrary: fc.constant(command('rest()', async () => undefined)) },
  );
}

/** One page or read, anywhere, with any filter and bound. */
function page(): fc.Arbitrary<Command> {
  const drawn = fc.record({
    queue: fc.constantFrom(0, 0, 0, 0, 1, 1, 2),
    after: fc.oneof(fc.record({ nth: fc.oneof(fc.constant(0), fc.nat(12)) }), fc.record({ pick: fc.nat(1_000) })),
    limit: fc.integer({ min: 1, max: 12 }),
    caller: fc.nat(CALLERS.length - 1),
    includeClaimed: fc.boolean(),
    maxBytes,
  });
  return drawn.map((query) =>
    command(`page(${JSON.stringify(query)})`, (world) =>
      world.compare(query.queue, (messages, side) => {
        const queue = world.queue(query.queue);
        const position: Position =
          'nth' in query.after
            ? { kind: 'after', marker: side.marker(queue, query.after.nth) }
            : { kind: 'afterMessage', id: world.id(query.after.pick) };
        const without = CALLERS[query.caller] ?? null;
        return messages.list({ ...query, queue, position, without, now: world.now });
      }),
    ),
  );
}

/** Everything that can be read, compared. */
function look(): fc.Arbitrary<Command> {
  return fc
    .record({ from: fc.nat(200), bytes: maxBytes })
    .map(({ from, bytes }) => command(`look(${from}, ${bytes})`, (world) => compareAll(world, from, bytes)));
}

/** Compares every listing from the start and after message `from`, all messages, all claims, and the statistics. */
export async function compareAll(world: World, from: number, bytes: number): Promise<void> {
  const { now } = world;
  const { ids, claims } = world.everything();
  for (const index of [0, 1, 2]) {
    const queue = world.queue(index);
    await world.compare(index, (messages) => messages.stats(queue, now));
    await world.compare(index, (messages) => messages.getMany(queue, ids, bytes, now));
    for (const claim of claims.slice(-8))
      await world.compare(index, (messages) => messages.getClaim(queue, claim, bytes, now));
    for (const nth of [0, from])
      for (const includeClaimed of [true, false])
        for (const without of nth === 0 ? CALLERS : CALLERS.slice(0, 2))
          await world.compare(index, (messages, side) => {
            const position = { kind: 'after', marker: side.marker(queue, nth) } as const;
            return messages.list({ queue, position, limit: PLENTY, without, includeClaimed, maxBytes: PLENTY, now });
          });
  }
}
