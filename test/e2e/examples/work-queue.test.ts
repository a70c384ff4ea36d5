/** The work queue of the course: what its programs print, and what they leave behind. */
import { startExample, type ExampleProgram } from '../../support/example-program.js';
import { call, connect, type Connection } from '../../support/grpc-client.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { waitFor } from '../../support/wait.js';

let server: RunningMarconi;
let client: Connection;
const running: ExampleProgram[] = [];

beforeEach(async () => {
  server = await startMarconi();
  client = connect(server.grpcAddress);
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((program) => program.kill()));
  client.close();
  await server.stop();
});

function start(name: string): ExampleProgram {
  const program = startExample(`02-work-queue/${name}.ts`, server.grpcAddress);
  running.push(program);
  return program;
}

async function produce(): Promise<void> {
  const producer = start('producer');
  expect(await producer.ended).toBe(0);
  expect(producer.lines()).toEqual(['posted 4 tasks: DURABILITY_FSYNC']);
}

/** Waits until all tasks are done or put aside, and gives those that were put aside. */
async function putAside(): Promise<unknown[]> {
  await waitFor('the end of all tasks', async () => {
    const { total } = await call(client.queues, 'getQueueStats', { queue: 'images' });
    return total === 0n;
  });
  const { messages } = await call(client.messages, 'listMessages', { queue: 'images-failed', marker: '' });
  return messages.map(({ body }) => JSON.parse(body.toString()) as unknown);
}

test('a worker does what it can, tries again what failed, and puts aside what fails always', async () => {
  const worker = start('worker');
  await produce();
  await worker.says('broken.png: put aside');
  expect(worker.lines()).toEqual([
    'cat.png: done, attempt 1',
    'flaky.png: out of memory, attempt 1',
    'flaky.png: done, attempt 2',
    'dog.png: done, attempt 1',
    'broken.png: not an image, attempt 1',
    'broken.png: not an image, attempt 2',
    'broken.png: not an image, attempt 3',
    'broken.png: put aside',
  ]);
  expect(await putAside()).toEqual([{ image: 'broken.png' }]);
});

test('a worker that is killed in the middle loses nothing: the next one goes on at once', async () => {
  await produce();
  const first = start('worker');
  await first.says('cat.png: done');
  await first.kill('SIGKILL');
  const second = start('worker');
  expect(await putAside()).toEqual([{ image: 'broken.png' }]);
  const done = [...first.lines(), ...second.lines()].filter((line) => line.includes(': done'));
  const images = new Set(done.map((line) => line.split(':')[0]));
  expect([...images].sort()).toEqual(['cat.png', 'dog.png', 'flaky.png']);
});
