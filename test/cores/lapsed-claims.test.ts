import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { BareCore } from '../support/mongo/bare-core-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import { names } from '../support/mongo/held-point.js';
import { nameOf, POINTS } from '../support/mongo/points.js';
import { Scene, type Doing, type Stage } from '../support/mongo/scene.js';
import { freshDatabase } from '../support/mongo/watched-storage.js';
import { ACKNOWLEDGES_BLINDLY } from '../support/mongo/wire-plants.js';
import { WireProxy } from '../support/mongo/wire-proxy.js';
import { uidOf, WATCHED } from '../support/mongo/world.js';
import { waitFor } from '../support/wait.js';

/** Seconds: far less than doors allow. */
const CLAIM_TTL = 2;
/** Milliseconds after which the core's claims are over for the others, whose clocks may be ahead. */
const OVER_MS = (CLAIM_TTL + 2) * 1_000 + 300;
const DOING: readonly Doing[] = ['claim', 'acknowledge', 'renew'];

let cores: readonly BareCore[];
let stage: Stage;
let release: () => Promise<unknown>;

beforeAll(async () => {
  const server = await startMongoJavaServer({ backend: 'memory' });
  const proxy = await WireProxy.open(Number(new URL(server.uri).port));
  const database = freshDatabase();
  const client = await new MongoClient(server.uri).connect();
  cores = await Promise.all([proxy.uri, server.uri, server.uri].map((uri) => BareCore.start(uri, database)));
  stage = {
    proxy,
    create: async (queue) => void (await cores[1]!.queue(queue).list('', 1)),
    through: (core, queue) => cores[core]!.queue(queue),
    uidOf: (queue) => uidOf(client.db(database), queue),
  };
  release = async () => {
    await Promise.all(cores.map((core) => core.stop()));
    await Promise.all([proxy.close(), client.close()]);
    await server.stop();
  };
});
afterAll(() => release());

/** Pauses the core at all points, until its claims are over and others have and keep its messages. */
async function pauseAt(scenes: readonly Scene[]): Promise<void> {
  await Promise.all(scenes.map((scene) => scene.begin()));
  cores[WATCHED]!.pause();
  for (const { onlookers } of scenes) {
    onlookers.read();
    onlookers.post();
  }
  await sleep(OVER_MS);
  for (const { onlookers } of scenes) onlookers.take('and keep');
  await waitFor('claims of others', () => scenes.every(({ onlookers }) => onlookers.taken > 0));
  cores[WATCHED]!.resume();
  for (const scene of scenes) scene.release('pass');
}

test('a core paused at every point of a claim, an acknowledgement and a renewal until others have its messages: it changes nothing of theirs', async () => {
  const scenes = DOING.flatMap((doing) =>
    POINTS[doing].map((point, at) => new Scene(stage, doing, point, `${doing}-${at}`, at, CLAIM_TTL)),
  );
  const late = POINTS.acknowledge.find((point) => nameOf(point) === 'before deleting')!;
  const planted = new Scene(stage, 'acknowledge', late, 'planted', 0, CLAIM_TTL);
  for (const scene of [...scenes, planted]) await scene.prepare();
  const uid = (await stage.uidOf('planted')) ?? '';
  const { rule, stop } = ACKNOWLEDGES_BLINDLY;
  stage.proxy.always({ ...stop, match: (command) => stop.match(command) && names(command, [uid]) });

  await pauseAt([...scenes, planted]);
  const judged = await Promise.all(scenes.map(async (scene) => [scene.title, await scene.finish()] as const));
  expect(judged.filter(([, violations]) => violations.length > 0)).toEqual([]);
  // The same core with a fault is caught.
  expect((await planted.finish()).map((violation) => violation.rule)).toContain(rule);
});
