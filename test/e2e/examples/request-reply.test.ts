/** Request and reply of the course: what its programs print, and what they leave behind. */
import { startExample, type ExampleProgram } from '../../support/example-program.js';
import { call, connect, type Connection } from '../../support/grpc-client.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { waitFor } from '../../support/wait.js';

let server: RunningMarconi;
let client: Connection;
const running: ExampleProgram[] = [];

beforeAll(async () => {
  server = await startMarconi();
  client = connect(server.grpcAddress);
});

afterAll(async () => {
  await Promise.all(running.map((program) => program.kill()));
  client.close();
  await server.stop();
});

function start(name: string): ExampleProgram {
  const program = startExample(`04-request-reply/${name}.ts`, server.grpcAddress);
  running.push(program);
  return program;
}

const notYetThere = (): boolean => false;
const stats = () => call(client.queues, 'getQueueStats', { queue: 'questions' });

test('two askers ask before any answerer runs; each gets its own answers, and leaves no queue behind', async () => {
  const askers = [start('asker'), start('asker')];
  await waitFor('six questions', () => stats().then(({ total }) => total === 6n, notYetThere));
  const answerer = start('answerer');
  expect(await Promise.all(askers.map(({ ended }) => ended))).toEqual([0, 0]);
  for (const asker of askers) {
    expect([...asker.lines()].sort()).toEqual(['1 + 2 = 3', '3 + 4 + 5 = 12', '6 = 6']);
  }
  const { queues } = await call(client.queues, 'listQueues', { marker: '' });
  expect(queues.map(({ name }) => name)).toEqual(['questions']);
  await answerer.kill();
});

test('an answerer does not stumble over an asker that has gone', async () => {
  const answerer = start('answerer');
  const question = { id: 'late', replyTo: 'replies-gone', numbers: [1] };
  const message = { body: Buffer.from(JSON.stringify(question)), contentType: '', ttlSeconds: 60 };
  await call(client.messages, 'postMessages', { queue: 'questions', messages: [message] });
  await answerer.says('nobody waits for late any more');
  await waitFor('its acknowledgement', async () => (await stats()).total === 0n);
});
