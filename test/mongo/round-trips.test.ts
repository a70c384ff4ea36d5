import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeTimers } from '../../src/app/runtime.js';
import { OPTIONS } from '../../src/config/index.js';
import { Kit } from '../../src/conformance/kit.js';
import { createClient } from '../../src/storage/drivers/mongodb/client.js';
import { collectionsOf } from '../../src/storage/drivers/mongodb/collections.js';
import { inProject, message, testEngine, testSettings } from '../support/engine.js';
import type { Recording } from '../support/mongo/command-monitor.js';
import { COSTS } from '../support/mongo/costs.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import { openWatched, type Watched } from '../support/mongo/watched-storage.js';

/** Times that each operation is measured; the dearest counts. */
const TIMES = 3;

/** Documents of which a server sends only a part at first. */
const LONG = 2_100;

const CALLERS = 64;

/** Tells operators the same figures. */
const PAGE = join(__dirname, '../../docs/operate/mongodb.md');

/** Posts of each caller, one after another. */
const POSTS = 4;

let server: MongoServer;
let watched: Watched;
const figures: string[] = [];

beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'memory' });
  watched = await openWatched(server.uri);
});

afterAll(async () => {
  process.stdout.write(`${figures.join('\n')}\n`);
  await watched.storage.close();
  await server.stop();
});

describe('an operation waits for no more answers one after another than its bound, if nobody is in its way', () => {
  it.each(COSTS)('$name: $roundTrips', async ({ name, roundTrips, prepare }) => {
    const kit = new Kit(watched.storage, false);
    const measured: Recording<unknown>[] = [];
    for (let time = 0; time < TIMES; time++) {
      const queue = await kit.queue();
      await queue.post(1);
      await queue.release((await queue.claim()).id);
      const operation = await prepare(queue, kit);
      measured.push(await watched.monitor.during(operation));
    }
    const most = (of: (recording: Recording<unknown>) => number): number => Math.max(...measured.map(of));
    const waitedFor = most((recording) => recording.waitedFor.length);
    const after = most(({ commands, waitedFor: waited }) => commands.length - waited.length);
    const waits = most((recording) => recording.roundTrips);
    const figure = `| ${name} | ${waits} | ${waitedFor} | ${after} |`;
    figures.push(figure);
    expect(waits).toBeLessThanOrEqual(roundTrips);
    expect(readFileSync(PAGE, 'utf8')).toContain(figure);
  });
});

test('a page that ends by its bytes is not held up by the rest that the server has found', async () => {
  const client = createClient({ uri: server.uri, database: watched.database, commands: watched.monitor.listener });
  const { meta } = collectionsOf(client.db(watched.database));
  await meta.insertAll(Array.from({ length: LONG }, (_, index) => ({ _id: `long-${index}` })));
  const recording = await watched.monitor.during(() =>
    meta.find({ _id: { $gt: 'long' } }, { sort: { _id: 1 }, limit: LONG, fits: () => false }),
  );
  await client.close();
  expect(recording.commands.map(({ name }) => name)).toEqual(['find', 'killCursors']);
  expect(recording.roundTrips).toBe(1);
});

describe(`${CALLERS} callers that post one message each at once through one engine`, () => {
  /** Commands for each post, with what follows its answer, once and with each caller going on at once. */
  async function commandsPerPost(queues: number): Promise<{ readonly once: number; readonly goingOn: number }> {
    // Without its timers the engine does not sweep meanwhile.
    const timers = { ...nodeTimers, after: () => () => undefined };
    const settings = { ...testSettings, maxSteps: OPTIONS['commit.maxSteps'].default };
    const engine = testEngine(watched.storage, { timers, settings });
    const ctx = inProject(`${queues} queues`);
    const names = Array.from({ length: CALLERS }, (_, caller) => `q${caller % queues}`);
    const post = (name: string) => engine.messages.post(ctx, name, { messages: [message(1)], poster: null, key: null });
    await Promise.all([...new Set(names)].map((name) => engine.queues.create(ctx, name).then(() => post(name))));
    const once = await watched.monitor.during(() => Promise.all(names.map(post)));
    const goingOn = await watched.monitor.during(() =>
      Promise.all(
        names.map(async (name) => {
          for (let posted = 0; posted < POSTS; posted++) await post(name);
        }),
      ),
    );
    await engine.drain();
    return { once: once.commands.length / CALLERS, goingOn: goingOn.commands.length / (CALLERS * POSTS) };
  }

  it.each([
    [1, 0.2],
    [8, 1],
    [64, 4],
  ])('to %d queues: at most %d commands a post', async (queues, bound) => {
    const { once, goingOn } = await commandsPerPost(queues);
    figures.push(`${CALLERS} posts at once to ${queues} queues: ${once} commands a post, ${goingOn} when they go on`);
    expect(once).toBeLessThanOrEqual(bound);
    expect(goingOn).toBeLessThanOrEqual(bound);
  });
});
