import { setTimeout as sleep } from 'node:timers/promises';
import { MAX_RESETS } from '../../../src/transport/grpc/limits.js';
import { call, connect, type Connection } from '../../support/grpc-client.js';
import { batch, Consuming, Following, newMessage, Publishing } from '../../support/grpc-stream.js';
import { openCalls } from '../../support/open-calls.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';

let folder: string;
let server: RunningMarconi;
let to: Connection;

beforeEach(async () => {
  folder = makeTempDir('streams');
  await start();
  await call(to.queues, 'createQueue', { queue: 'q' });
});
afterEach(async () => {
  to.close();
  await server.stop();
  removeTempDir(folder);
});

async function start(): Promise<void> {
  server = await startMarconi({ command: 'core', storage: `sqlite:${folder}/marconi.db` });
  to = connect(server.grpcAddress);
}

const stats = async () => {
  const { total, claimed } = await call(to.queues, 'getQueueStats', { queue: 'q' });
  return { total: Number(total), claimed: Number(claimed) };
};
const settled = () => waitFor('the streams to end', async () => (await openCalls(server)) === 0);
const guarded = () => server.logs().filter(({ event }) => event === 'resets');

describe('a drain', () => {
  it('answers what was begun, tells DRAINING on every stream, lets claims go, and exits 0 in time', async () => {
    const messages = Array.from({ length: 50 }, () => newMessage());
    await call(to.messages, 'postMessages', { queue: 'q', messages });
    const following = new Following(to, { queue: 'q', includeClaimed: true });
    await following.messages(50);
    const consuming = new Consuming(to);
    await consuming.start('q', { releaseOnEnd: true });
    consuming.grant(50);
    await waitFor('the claims', async () => (await stats()).claimed === 50);
    const publishing = new Publishing(to);
    let answered = 0;
    await publishing.window();
    const publish = (async () => {
      for (let n = 0; publishing.ended === null; n++) {
        publishing.send(batch('q', [`${n}`]));
        if (n % 10 === 0) await sleep(1);
        for (const { event } of publishing.waiting.splice(0)) if (event?.$case === 'receipt') answered++;
      }
    })();
    await waitFor('some receipts', () => answered > 100);

    const since = performance.now();
    server.kill('SIGTERM');
    const ends = await Promise.all([publishing.end(), consuming.end(), following.end()]);
    expect(await server.exited).toBe(0);
    expect(performance.now() - since).toBeLessThan(8_000);
    await publish;
    expect(ends).toMatchObject([{ reason: 'DRAINING' }, { reason: 'DRAINING' }, { reason: 'DRAINING' }]);
    answered += publishing.waiting.length;
    expect(ends[0]).toMatchObject({ facts: { batch: `${answered}` } });
    to.close();
    await start();
    expect(await stats()).toEqual({ total: 50 + answered, claimed: 0 });
  });

  it('cuts off who does not read, in time', async () => {
    const large = `"${'x'.repeat(200_000)}"`;
    for (let n = 0; n < 50; n++) await call(to.messages, 'postMessages', batch('q', [large]));
    const following = new Following(to, { queue: 'q' });
    const consuming = new Consuming(to);
    await consuming.start('q');
    following.pause();
    consuming.pause();
    consuming.grant(1_000, 2 ** 30);
    await waitFor('the claims', async () => (await stats()).claimed > 0);
    const since = performance.now();
    server.kill('SIGTERM');
    expect(await server.exited).toBe(0);
    expect(performance.now() - since).toBeLessThan(10_000);
  });
});

describe('the guard against resets', () => {
  it('leaves a client alone that cancels no more often than is allowed', async () => {
    for (let n = 0; n < MAX_RESETS; n++) {
      const stream = new Following(to, { queue: 'q' });
      await stream.next();
      stream.cancel();
    }
    await settled();
    expect(guarded()).toEqual([]);
    expect(await stats()).toMatchObject({ total: 0 });
  });

  it('counts no stream that the server ended, well or with an error, though the client went on', async () => {
    for (let n = 0; n < 2 * MAX_RESETS; n++) {
      const refused = new Publishing(to);
      refused.send(batch('no name', ['1']));
      expect(await refused.end()).toMatchObject({ reason: 'INVALID_QUEUE_NAME' });
      const missing = new Following(to, { queue: 'missing' });
      expect(await missing.end()).toMatchObject({ reason: 'QUEUE_NOT_FOUND' });
    }
    await settled();
    expect(guarded()).toEqual([]);
  });

  it('cuts off a client that cancels more often than that', async () => {
    const streams = Array.from({ length: MAX_RESETS + 50 }, () => new Following(to, { queue: 'q' }));
    for (const stream of streams) {
      await waitFor('an answer', () => stream.waiting.length > 0 || stream.ended, { every: 1 });
      stream.cancel();
    }
    await waitFor('the guard', () => guarded().length > 0);
  });
});
