import { call, connect, type Connection } from '../support/grpc-client.js';
import { Cores } from '../support/mongo/cores.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { idsOf, leaveBehind, looksBack, WAYS } from '../support/mongo/old-incarnation.js';

const ROUNDS = process.env.MARCONI_TEST_TIER === 'long' ? 1_000 : 100;
const MESSAGES = 4;
const QUEUE = 'phoenix';

let server: MongoServer;
let cores: Cores;
let one: Connection;
let two: Connection;

beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'memory' });
  cores = await Cores.start([`${server.uri}anew`, `${server.uri}anew`]);
  [one, two] = [0, 1].map((at) => connect(cores.core(at).node.grpcAddress)) as [Connection, Connection];
});
afterAll(async () => {
  one.close();
  two.close();
  await cores.stop();
  await server.stop();
});

test('every way to look shows what is there', async () => {
  for (const [turn, way] of WAYS.entries()) {
    const queue = `living-${turn}`;
    await call(one.queues, 'createQueue', { queue });
    const found = await looksBack(two, queue, await leaveBehind(two, queue, MESSAGES), turn);
    expect(found.map(([name]) => name)).toContain(way);
  }
});

test(`deleted and made anew through one core ${ROUNDS} times, a queue shows nothing old through another`, async () => {
  await call(one.queues, 'createQueue', { queue: QUEUE });
  const wrong: unknown[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const old = await leaveBehind(two, QUEUE, MESSAGES);
    await call(one.queues, 'deleteQueue', { queue: QUEUE });
    await call(one.queues, 'createQueue', { queue: QUEUE });
    // Every other time a post is the first that the core hears of it.
    const early = round % 2 === 0 ? null : await leaveBehind(two, QUEUE, 1);
    const expected = early?.ids ?? [];
    const found = early === null ? await looksBack(two, QUEUE, old, round / 2) : [];
    const [there, here] = [await idsOf(one, QUEUE), await idsOf(two, QUEUE)];
    if (found.length > 0) wrong.push({ round, found });
    if (String(there) !== String(expected) || String(here) !== String(expected))
      wrong.push({ round, expected, there, here });
  }
  expect(wrong).toEqual([]);
});
