import { join } from 'node:path';
import { startMarconi } from '../../support/server.js';
import { makeTempDir, removeTempDir } from '../../support/temp-dir.js';
import { waitFor } from '../../support/wait.js';
import { RestQueue } from './rest.js';

const STOP_LIMIT_MS = 10_000;
const folder = makeTempDir('sigterm');
afterAll(() => removeTempDir(folder));

/** Posts without pause until it is refused or the connection ends; each acknowledged id goes to `acked`. */
async function postUntilRefused(queue: RestQueue, poster: number, acked: string[]): Promise<void> {
  for (let n = 0; ; n += 1) {
    const outcome = await queue.post({ poster, n }).catch(() => null);
    if (outcome === null || !('id' in outcome)) return;
    acked.push(outcome.id);
  }
}

test('SIGTERM under load: exit 0 within 10 s, and what was acknowledged is there after the next start', async () => {
  const storage = `sqlite:${join(folder, 'marconi.db')}`;
  const server = await startMarconi({ storage });
  const queue = new RestQueue(server.restUrl);
  expect(await queue.create()).toBe(201);
  const acked: string[] = [];
  const posters = Array.from({ length: 16 }, (_, poster) => postUntilRefused(queue, poster, acked));
  await waitFor('some load', () => acked.length > 200);

  const asked = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - asked).toBeLessThan(STOP_LIMIT_MS);
  await Promise.all(posters);

  const next = await startMarconi({ storage });
  const stored = await new RestQueue(next.restUrl).stored(acked);
  expect(acked.filter((id) => !stored.has(id))).toEqual([]);
  expect(await next.stop()).toBe(0);
});

test('SIGTERM answers a claim that waits, and does not wait for it', async () => {
  const server = await startMarconi({ storage: 'memory:' });
  const queue = new RestQueue(server.restUrl, 'empty');
  await queue.create();
  const claim = queue.claim(30);
  const waiting = async () => /^marconi_waiting_claims 1$/m.test(await (await fetch(server.metricsUrl)).text());
  await waitFor('the claim to wait', waiting);
  const asked = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - asked).toBeLessThan(STOP_LIMIT_MS);
  expect(await claim).toBe(204);
});
