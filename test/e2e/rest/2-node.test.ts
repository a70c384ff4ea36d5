import { MarconiError } from '../../../src/errors/marconi-error.js';
import type { Engine } from '../../../src/engine/api.js';
import { freePort } from '../../support/free-port.js';
import { RestClient } from '../../support/rest-client.js';
import { inOwnProject, startRest, startTimedRest, type TimedRest } from '../../support/rest-target.js';
import { startMarconi, type RunningMarconi } from '../../support/server.js';
import { waitFor } from '../../support/wait.js';

/** An engine whose storage is gone: whatever is asked of it fails. */
function faulty(engine: Engine): Engine {
  const fails = () => Promise.reject(new MarconiError('STORAGE_UNAVAILABLE', 'The storage cannot be read.'));
  const noun = <T extends object>(target: T): T => new Proxy(target, { get: () => fails });
  return {
    ...engine,
    queues: noun(engine.queues),
    messages: noun(engine.messages),
    claims: noun(engine.claims),
    status: async () => ({ ...(await engine.status()), health: { state: 'unavailable', detail: 'gone' } }),
    drain: () => engine.drain(),
  };
}

describe('2.1 Get home document', () => {
  let server: Awaited<ReturnType<typeof startRest>>;
  beforeAll(async () => {
    server = await startRest();
  });
  afterAll(() => server.stop());

  test('200, application/json-home exactly, cached for a day', async () => {
    const home = await inOwnProject(server.url).get('/v1');
    expect(home.status).toBe(200);
    expect(home.headers['content-type']).toBe('application/json-home');
    expect(home.headers['cache-control']).toBe('max-age=86400');
    const own = await inOwnProject(server.url).get('/v1', { headers: { Accept: 'application/json-home' } });
    expect(own.status).toBe(200);
  });

  test.each([
    [
      'rel/queues',
      '/v1/queues{?marker,limit,detailed}',
      { marker: 'marker', limit: 'queue_limit', detailed: 'detailed' },
      ['GET'],
    ],
    ['rel/queue', '/v1/queues/{queue_name}', { queue_name: 'queue_name' }, ['GET', 'HEAD', 'PUT', 'DELETE']],
    ['rel/queue-metadata', '/v1/queues/{queue_name}/metadata', { queue_name: 'queue_name' }, ['GET', 'PUT']],
    ['rel/queue-stats', '/v1/queues/{queue_name}/stats', { queue_name: 'queue_name' }, ['GET']],
    [
      'rel/messages',
      '/v1/queues/{queue_name}/messages{?marker,limit,echo,include_claimed}',
      {
        queue_name: 'queue_name',
        marker: 'marker',
        limit: 'messages_limit',
        echo: 'echo',
        include_claimed: 'include_claimed',
      },
      ['GET'],
    ],
    ['rel/post-messages', '/v1/queues/{queue_name}/messages', { queue_name: 'queue_name' }, ['POST']],
    [
      'rel/claim',
      '/v1/queues/{queue_name}/claims{?limit}',
      { queue_name: 'queue_name', limit: 'claim_limit' },
      ['POST'],
    ],
  ])('relation %s', async (relation, template, vars, allow) => {
    const { resources } = (await inOwnProject(server.url).get('/v1')).json;
    expect(Object.keys(resources)).toHaveLength(7);
    expect(resources[relation]).toEqual({
      'href-template': template,
      'href-vars': Object.fromEntries(Object.entries(vars).map(([name, param]) => [name, `param/${param}`])),
      hints: {
        allow,
        formats: { 'application/json': {} },
        ...(allow.includes('POST') ? { 'accept-post': ['application/json'] } : {}),
      },
    });
    for (const base of ['https://host/v1', 'https://host/v1/']) {
      expect(new URL(template, base).pathname).toMatch(/^\/v1\/queues/);
    }
  });
});

describe('2.2 Check node health', () => {
  let sound: TimedRest;
  let broken: TimedRest;
  beforeAll(async () => {
    sound = await startTimedRest();
    broken = await startTimedRest({ wrap: faulty });
  });
  afterAll(async () => {
    await sound.stop();
    await broken.stop();
  });

  test('GET: 204 when the storage is reachable', async () => {
    const health = await new RestClient(sound.url).get('/v1/health');
    expect([health.status, health.bytes.length]).toEqual([204, 0]);
  });

  test('GET: 503 with an empty body when it is not', async () => {
    const health = await new RestClient(broken.url).get('/v1/health');
    expect([health.status, health.bytes.length]).toEqual([503, 0]);
  });

  test('HEAD: 204 always', async () => {
    expect((await new RestClient(sound.url).head('/v1/health')).status).toBe(204);
    expect((await new RestClient(broken.url).head('/v1/health')).status).toBe(204);
  });

  test('/livez and /readyz tell the operator apart whether to restart and whether to send work', async () => {
    const [good, bad] = [new RestClient(sound.url), new RestClient(broken.url)];
    expect([(await good.get('/livez')).status, (await bad.get('/livez')).status]).toEqual([200, 200]);
    const [ready, unready] = [await good.get('/readyz'), await bad.get('/readyz')];
    expect([ready.status, ready.json]).toEqual([200, { ready: true, draining: false, storage: 'OK' }]);
    expect([unready.status, unready.json]).toEqual([503, { ready: false, draining: false, storage: 'UNAVAILABLE' }]);
  });

  test.each([
    ['PUT', '/v1/queues/q'],
    ['GET', '/v1/queues/q'],
    ['GET', '/v1/queues'],
    ['DELETE', '/v1/queues/q'],
    ['GET', '/v1/queues/q/metadata'],
    ['PUT', '/v1/queues/q/metadata', {}],
    ['GET', '/v1/queues/q/stats'],
    ['POST', '/v1/queues/q/messages', [{ ttl: 60, body: 1 }]],
    ['GET', '/v1/queues/q/messages'],
    ['GET', '/v1/queues/q/messages?ids=a'],
    ['DELETE', '/v1/queues/q/messages?ids=a'],
    ['GET', '/v1/queues/q/messages/a'],
    ['DELETE', '/v1/queues/q/messages/a'],
    ['POST', '/v1/queues/q/claims', { ttl: 60, grace: 60 }],
    ['GET', '/v1/queues/q/claims/a'],
    ['PATCH', '/v1/queues/q/claims/a', { ttl: 60 }],
    ['DELETE', '/v1/queues/q/claims/a'],
  ])('1.6 a storage failure is 503, never 500, and has no Location: %s %s', async (method, path, ...[body]) => {
    const answer = await inOwnProject(broken.url).send(method, path, { body });
    expect(answer.status).toBe(503);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.headers['retry-after']).toBe('30');
    expect(answer.json).toEqual({
      title: 'Service temporarily unavailable',
      description: expect.stringMatching(/try again in 30 seconds\.$/),
    });
  });
});

describe('a gateway whose core is away', () => {
  let port: number;
  let core: RunningMarconi;
  let gateway: RunningMarconi;
  const startCore = () =>
    startMarconi({ command: 'core', storage: 'memory:', args: [`--grpc-listen=127.0.0.1:${port}`] });

  beforeAll(async () => {
    port = await freePort();
    core = await startCore();
    gateway = await startMarconi({ command: 'gateway', args: [`--core=127.0.0.1:${port}`] });
  });
  afterAll(async () => {
    await gateway.stop();
    await core.stop();
  });

  test('answers 503, lives, and serves again when the core is back', async () => {
    const api = inOwnProject(gateway.restUrl);
    expect((await api.put('/v1/queues/q')).status).toBe(201);
    core.kill('SIGKILL');
    await core.exited;
    expect((await api.get('/v1/queues/q')).status).toBe(503);
    expect((await api.get('/v1/health')).status).toBe(503);
    expect((await api.head('/v1/health')).status).toBe(204);
    expect((await api.get('/livez')).status).toBe(200);
    expect((await api.get('/readyz')).json).toMatchObject({ ready: false, storage: 'UNREACHABLE' });
    core = await startCore();
    await waitFor('the gateway to be ready', async () => (await api.get('/readyz')).status === 200);
    expect((await api.put('/v1/queues/q')).status).toBe(201);
  });
});
