import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startMarconi, type RunningMarconi } from '../../support/server.js';

let server: RunningMarconi;
beforeAll(async () => {
  server = await startMarconi();
});
afterAll(() => server.stop());

/** The metrics that docs/operate/metrics.md has a row for, without those of a storage other than the default. */
function documented(): ReadonlySet<string> {
  const text = readFileSync(join(__dirname, '../../../docs/operate/metrics.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(marconi_[a-z_]+).*/gm)].filter(([row]) => !row.includes('MongoDB only'));
  return new Set(rows.map(([, name]) => name!));
}

async function scrape(url: string): Promise<string> {
  return (await fetch(url)).text();
}

const names = (text: string): string[] => [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!);

/** The value of a sample given as it stands in the text, labels and all. */
function sample(text: string, name: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length + 1));
}

async function useEverything(): Promise<void> {
  const queue = `${server.restUrl}/v1/queues/measured`;
  const headers = { 'Client-ID': randomUUID(), 'Content-Type': 'application/json' };
  const post = (url: string, body: string) => fetch(url, { method: 'POST', headers, body });
  await fetch(queue, { method: 'PUT' });
  for (let n = 0; n < 3; n += 1) await post(`${queue}/messages`, '[{"ttl": 600, "body": 1}]');
  expect((await post(`${queue}/claims?limit=1`, '{"ttl": 60, "grace": 60}')).status).toBe(201);
  expect((await fetch(`${server.restUrl}/v1/queues/absent/stats`)).status).toBe(404);
}

test('Prometheus text has every documented metric and no other, with the numbers of what was done', async () => {
  await useEverything();
  const core = await scrape(server.metricsUrl);
  const gateway = await scrape(server.gatewayMetricsUrl);
  // What failed or was refused is told when it is.
  const refusals = ['refused_frames', 'dropped_answers', 'returned_deliveries', 'refused_connections'].map(
    (what) => `marconi_zmq_${what}_total`,
  );
  const unseen = ['marconi_background_failures_total', ...refusals];
  expect(new Set([...names(core), ...names(gateway), ...unseen])).toEqual(documented());

  expect(sample(core, 'marconi_calls_total{door="grpc",method="PostMessages",reason="OK"}')).toBe(3);
  expect(sample(core, 'marconi_calls_total{door="grpc",method="GetQueueStats",reason="QUEUE_NOT_FOUND"}')).toBe(1);
  expect(sample(core, 'marconi_call_duration_seconds_count{door="grpc",method="CreateClaim"}')).toBe(1);
  expect(sample(core, 'marconi_refusals_total{reason="QUEUE_NOT_FOUND"}')).toBe(1);
  expect(sample(core, 'marconi_commit_duration_seconds_count')).toBeGreaterThanOrEqual(4);
  expect(sample(core, 'marconi_queue_messages{project="",queue="measured",state="free"}')).toBe(2);
  expect(sample(core, 'marconi_queue_messages{project="",queue="measured",state="claimed"}')).toBe(1);
  expect(sample(core, 'marconi_queue_oldest_age_seconds{project="",queue="measured"}')).toBeGreaterThanOrEqual(0);
  expect(sample(core, 'marconi_storage_state{state="ok"}')).toBe(1);
  expect(sample(core, 'marconi_storage_free_bytes')).toBeGreaterThan(0);
  expect(sample(core, 'marconi_storage_database_bytes')).toBeGreaterThan(0);
  expect(sample(core, 'marconi_calls_in_flight{door="grpc"}')).toBe(0);
  expect(sample(gateway, 'marconi_calls_total{door="rest",method="post-messages",reason="OK"}')).toBe(3);
  expect(sample(gateway, 'marconi_process_resident_bytes')).toBeGreaterThan(10_000_000);
});

test('only /metrics is served there, and an empty address serves nothing', async () => {
  expect((await fetch(new URL('/', server.metricsUrl))).status).toBe(404);
  expect((await fetch(server.metricsUrl, { method: 'POST' })).status).toBe(404);
  const quiet = await startMarconi({ command: 'core', storage: 'memory:', args: ['--metrics-listen='] });
  expect(quiet.metricsUrl).toBe('');
  expect(await quiet.stop()).toBe(0);
});

test('at most telemetry.metrics.queues queues are told, those used last', async () => {
  const few = await startMarconi({ storage: 'memory:', args: ['--metrics-queues=2'] });
  for (const name of ['a', 'b', 'c']) {
    await fetch(`${few.restUrl}/v1/queues/${name}`, { method: 'PUT' });
    await fetch(`${few.restUrl}/v1/queues/${name}/stats`);
  }
  const text = await scrape(few.metricsUrl);
  const queues = [...text.matchAll(/^marconi_queue_oldest_age_seconds\{project="",queue="(\w)"\}/gm)].map(
    ([, name]) => name,
  );
  expect(queues.sort()).toEqual(['b', 'c']);
  expect(await few.stop()).toBe(0);
});
