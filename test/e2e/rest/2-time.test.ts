/** The rows that need time to pass: the store's clock is the test's; sockets, doors and engine are real. */
import { fresh, type RestClient } from '../../support/rest-client.js';
import { inOwnProject, startTimedRest, type TimedRest } from '../../support/rest-target.js';

let rest: TimedRest;
let api: RestClient;
let queue: string;

beforeAll(async () => {
  rest = await startTimedRest();
});
afterAll(() => rest.stop());
beforeEach(async () => {
  api = inOwnProject(rest.url);
  queue = `/v1/queues/${fresh('q')}`;
  await api.put(queue);
});

const post = (count: number, ttl = 300) =>
  api.post(
    `${queue}/messages`,
    Array.from({ length: count }, (_, body) => ({ ttl, body })),
  );
const claim = (times = { ttl: 60, grace: 60 }) => api.post(`${queue}/claims`, times);

test('1.7, 2.12 age counts whole seconds since posting', async () => {
  const [href] = (await post(1)).json.resources;
  expect((await api.get(href)).json.age).toBe(0);
  await rest.advance(57.9);
  expect((await api.get(href)).json.age).toBe(57);
});

test('2.8 oldest and newest differ by their ages; created is UTC, rounded down', async () => {
  await post(1);
  await rest.advance(86.4);
  await post(1);
  await rest.advance(4);
  const { oldest, newest } = (await api.get(`${queue}/stats`)).json.messages;
  expect([oldest.age, newest.age]).toEqual([90, 4]);
  expect(Date.parse(newest.created) - Date.parse(oldest.created)).toBeGreaterThanOrEqual(86_000);
});

test('2.12 an expired message: 404; gone from every operation at once', async () => {
  const [href] = (await post(1, 60)).json.resources;
  await rest.advance(59);
  expect((await api.get(href)).status).toBe(200);
  await rest.advance(2);
  expect((await api.get(href)).status).toBe(404);
  expect((await api.get(`${queue}/messages?echo=true`)).status).toBe(204);
  expect((await api.get(`${queue}/messages?ids=${href.split('/').pop()}`)).status).toBe(204);
  expect((await claim()).status).toBe(204);
  expect((await api.get(`${queue}/stats`)).json).toEqual({ messages: { claimed: 0, free: 0, total: 0 } });
  expect((await api.delete(href)).status).toBe(204);
});

test('2.14 the claim expired, claim_id absent: 204, deleted', async () => {
  const [href] = (await post(1)).json.resources;
  await claim();
  await rest.advance(61);
  expect((await api.delete(href)).status).toBe(204);
  expect((await api.get(href)).status).toBe(404);
});

test('2.14 claim expired, not claimed anew, the expired claim: 400, not deleted', async () => {
  await post(1);
  const [{ href }] = (await claim()).json;
  await rest.advance(61);
  const refused = await api.delete(href);
  expect([refused.status, refused.json.title]).toEqual([400, 'Unable to delete']);
  expect((await api.get(href)).status).toBe(200);
});

test('2.14 claim expired, claimed anew by another, the expired claim: 400, not deleted', async () => {
  await post(1);
  const [{ href }] = (await claim()).json;
  await rest.advance(61);
  expect((await claim()).status).toBe(201);
  expect((await api.delete(href)).status).toBe(400);
  expect((await api.get(href)).status).toBe(200);
});

test('2.16 age keeps counting from posting; an extended ttl is claim ttl + grace', async () => {
  await post(1, 120);
  await rest.advance(57);
  const [message] = (await claim({ ttl: 400, grace: 60 })).json;
  expect([message.ttl, message.age]).toEqual([460, 57]);
  await rest.advance(450);
  expect((await api.get(message.href)).status).toBe(200);
  await rest.advance(12);
  expect((await api.get(message.href)).status).toBe(404);
});

test.each([
  [777, 60, 837],
  [121, 60, 181],
  [100, 60, 160],
  [60, 60, 120],
])('2.16 a message of ttl 120, claim ttl %i, grace %i: ttl %i', async (ttl, grace, shown) => {
  await post(1, 120);
  expect((await claim({ ttl, grace })).json[0].ttl).toBe(shown);
});

test('2.17 the age of a claim, from its making or renewal, rounded down', async () => {
  await post(1);
  const path = (await claim({ ttl: 300, grace: 60 })).headers.location!;
  expect((await api.get(path)).json.age).toBe(0);
  await rest.advance(19.9);
  expect((await api.get(path)).json).toMatchObject({ ttl: 300, age: 19 });
  await api.patch(path, { ttl: 60 });
  expect((await api.get(path)).json).toMatchObject({ ttl: 60, age: 0 });
  await rest.advance(1);
  expect((await api.get(path)).json.age).toBe(1);
});

test('2.17, 2.18 an expired claim: 404; it cannot be revived; its messages are claimable again', async () => {
  await post(2);
  const path = (await claim()).headers.location!;
  await rest.advance(59);
  expect((await api.get(path)).status).toBe(200);
  await rest.advance(2);
  expect((await api.get(path)).status).toBe(404);
  expect((await api.patch(path, { ttl: 60 })).status).toBe(404);
  expect((await api.delete(path)).status).toBe(204);
  expect((await claim()).json).toHaveLength(2);
});

test('2.18 a renewed claim lives from its renewal', async () => {
  await post(1);
  const path = (await claim()).headers.location!;
  await rest.advance(50);
  expect((await api.patch(path, { ttl: 60 })).status).toBe(204);
  await rest.advance(50);
  expect((await api.get(path)).status).toBe(200);
  await rest.advance(12);
  expect((await api.get(path)).status).toBe(404);
});

test('3 the renewed claim at once: ttl 60 and age 0', async () => {
  await post(10);
  const path = (await claim({ ttl: 100, grace: 60 })).headers.location!;
  await rest.advance(5);
  await api.patch(path, { ttl: 60 });
  expect((await api.get(path)).json).toMatchObject({ ttl: 60, age: 0 });
});
