/** The pipeline of the course: what its programs print, and that nothing is left. */
import { startExample, type ExampleProgram } from '../../support/example-program.js';
import { call, connect } from '../../support/grpc-client.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { waitFor } from '../../support/wait.js';

const JOBS = 100;
let server: RunningMarconi;
const running: ExampleProgram[] = [];

beforeEach(async () => {
  server = await startMarconi({ command: 'core' });
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.kill()));
  await server.stop();
});

function start(name: 'producer' | 'worker'): ExampleProgram {
  const own = server.zmqAddress(name === 'producer' ? 'pull' : 'push');
  const program = startExample(`01-pipeline/${name}.ts`, server.zmqAddress('router'), own);
  running.push(program);
  return program;
}

test('every job that was counted as stored comes to one of the workers, and is done once', async () => {
  const workers = [start('worker'), start('worker')];
  const producer = start('producer');
  expect(await producer.ended).toBe(0);
  expect(producer.lines()).toEqual([`stored ${JOBS} jobs`]);
  const done = (): string[] => workers.flatMap((worker) => worker.lines());
  await waitFor('all jobs', () => done().length >= JOBS);
  const expected = Array.from({ length: JOBS }, (_, n) => `${n} squared is ${n ** 2}`);
  expect(done().sort()).toEqual(expected.sort());
  const client = connect(server.grpcAddress);
  await waitFor('an empty queue', async () => {
    const { total } = await call(client.queues, 'getQueueStats', { queue: 'numbers' });
    return total === 0n;
  });
  client.close();
});
