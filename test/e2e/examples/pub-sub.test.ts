/** Publish and subscribe of the course: what its programs print, and that nothing is missed. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startExample, type ExampleProgram } from '../../support/example-program.js';
import { call, connect } from '../../support/grpc-client.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';

const folder = makeTempDir('pub-sub');
const running: ExampleProgram[] = [];
let server: RunningMarconi;

beforeAll(async () => (server = await startMarconi({ command: 'core' })));

afterAll(async () => {
  await Promise.all(running.map((program) => program.kill()));
  await server.stop();
  removeTempDir(folder);
});

function kept(program: ExampleProgram): ExampleProgram {
  running.push(program);
  return program;
}

const publisher = () => kept(startExample('03-pub-sub/publisher.ts', server.grpcAddress));

/** A subscriber that has its position in a file of that name, and follows. */
async function subscriber(name: string): Promise<ExampleProgram> {
  const file = join(folder, name);
  const own = [server.zmqAddress('router'), server.zmqAddress('pub'), file];
  const program = kept(startExample('03-pub-sub/subscriber.ts', ...own));
  await waitFor('its position', () => existsSync(file), { ms: 20_000 });
  return program;
}

/** A worker's claim on the oldest messages. */
async function claimSome(): Promise<void> {
  const client = connect(server.grpcAddress);
  await call(client.claims, 'createClaim', { queue: 'news', ttlSeconds: 60, graceSeconds: 60 });
  client.close();
}

test('a subscriber that is ended and started again misses nothing, and another one hears the same', async () => {
  const [first, other] = await Promise.all([subscriber('one'), subscriber('other')]);
  const publishers = [publisher()];
  await first.says('item 10 ');
  await first.kill('SIGKILL');
  publishers.push(publisher());
  expect(await Promise.all(publishers.map(({ ended }) => ended))).toEqual([0, 0]);
  await claimSome();
  const second = await subscriber('one');
  const published = publishers.flatMap((program) => program.lines());
  expect(published).toHaveLength(60);
  await waitFor('all news', () => other.lines().length >= published.length);
  expect([...other.lines()].sort()).toEqual([...published].sort());
  await waitFor('what was missed', () => second.lines().at(-1) === other.lines().at(-1));
  // The one that it printed last may come again, if it was ended before it had kept its position.
  const repeated = second.lines()[0] === first.lines().at(-1) ? 1 : 0;
  expect([...first.lines(), ...second.lines().slice(repeated)]).toEqual(other.lines());
  expect(second.lines().length - repeated).toBeGreaterThanOrEqual(30);
});
