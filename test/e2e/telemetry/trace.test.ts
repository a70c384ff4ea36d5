import { randomBytes, randomUUID } from 'node:crypto';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { waitFor } from '../../support/wait.js';
import { startCollector, type CollectedSpan, type Collector } from './collector.js';

let collector: Collector;
let server: RunningMarconi;

beforeAll(async () => {
  collector = await startCollector();
  server = await startMarconi({
    args: [`--traces-endpoint=${collector.endpoint}`, '--traces-ratio=0', '--log-level=debug'],
  });
});
afterAll(async () => {
  await server.stop();
  collector.stop();
});

const headers = { 'Client-ID': randomUUID(), 'Content-Type': 'application/json' };

async function post(traceparent?: string): Promise<number> {
  const url = `${server.restUrl}/v1/queues/traced`;
  await fetch(url, { method: 'PUT' });
  const answer = await fetch(`${url}/messages`, {
    method: 'POST',
    headers: { ...headers, ...(traceparent === undefined ? {} : { traceparent }) },
    body: '[{"ttl": 60, "body": 1}]',
  });
  return answer.status;
}

const parentOf = (span: CollectedSpan, all: readonly CollectedSpan[]) =>
  all.find(({ spanId }) => spanId === span.parentSpanId);

test('one trace goes from a REST request through gateway, gRPC, engine and driver', async () => {
  const traceId = randomBytes(16).toString('hex');
  const caller = randomBytes(8).toString('hex');
  expect(await post(`00-${traceId}-${caller}-01`)).toBe(201);
  const own = () => collector.spans.filter((span) => span.traceId === traceId);
  const isStored = ({ name }: CollectedSpan) => name === 'marconi.storage.apply';
  await waitFor(
    'the spans of both processes',
    () => own().some(isStored) && own().some((span) => span.service === 'marconi-gateway'),
  );

  const path: string[] = [];
  for (let span = own().find(isStored); span !== undefined; span = parentOf(span, own())) {
    path.unshift(`${span.service} ${span.name}`);
  }
  expect(path).toEqual([
    'marconi-gateway REST post-messages',
    'marconi-core marconi.v1.MessageService/PostMessages',
    'marconi-core engine.messages.post',
    'marconi-core marconi.storage.apply',
  ]);
  const first = own().find(({ name }) => name === 'REST post-messages');
  expect(first?.parentSpanId).toBe(caller);
});

test('a request whose caller did not trace is not traced at ratio 0', async () => {
  const traceId = randomBytes(16).toString('hex');
  const seen = collector.spans.length;
  expect(await post(`00-${traceId}-${randomBytes(8).toString('hex')}-00`)).toBe(201);
  expect(await post()).toBe(201);
  const marker = randomBytes(16).toString('hex');
  expect(await post(`00-${marker}-${randomBytes(8).toString('hex')}-01`)).toBe(201);
  await waitFor('a later trace', () => collector.spans.some((span) => span.traceId === marker));
  expect(new Set(collector.spans.slice(seen).map((span) => span.traceId))).toEqual(new Set([marker]));
});

test('log lines of a request carry its request id, and no body', async () => {
  const requestId = `test-${randomUUID()}`;
  const secret = `secret-${randomUUID()}`;
  await fetch(`${server.restUrl}/v1/queues/traced/messages`, {
    method: 'POST',
    headers: { ...headers, 'X-Request-Id': requestId, 'X-Auth-Token': secret },
    body: JSON.stringify([{ ttl: 60, body: secret }]),
  });
  await waitFor('its access line', () => server.logs().some((line) => line['requestId'] === requestId));
  expect(JSON.stringify(server.logs())).not.toContain(secret);
});
