import { execFileSync, fork } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { credentials, status, type ServiceError } from '@grpc/grpc-js';
import { FileDescriptorProto } from '../../../src/gen/google/protobuf/descriptor.js';
import { SERVICES } from '../../../src/transport/dispatch.js';
import { HealthCheckResponse_ServingStatus as Serving, HealthClient } from '../../../src/gen/grpc/health/v1/health.js';
import {
  ServerReflectionClient,
  type ServerReflectionRequest,
  type ServerReflectionResponse,
} from '../../../src/gen/grpc/reflection/v1/reflection.js';
import { call, connect, refused } from '../../support/grpc-client.js';
import { startDoor, type Door } from '../../support/grpc-door.js';
import { shutLatch } from '../../support/latch.js';
import { connectHttp2, goawayOf, NGHTTP2_NO_ERROR } from '../../support/http2-client.js';

const doors: Door[] = [];

async function open(options: Parameters<typeof startDoor>[0] = {}): Promise<Door> {
  const door = await startDoor(options);
  doors.push(door);
  return door;
}

afterEach(async () => {
  for (const door of doors.splice(0)) await door.close();
});

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => status.OK,
    (error: ServiceError) => error.code,
  );
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function healthOf(address: string, service: string): Promise<Serving> {
  const client = new HealthClient(address, credentials.createInsecure());
  return new Promise((resolve, reject) => {
    client.check({ service }, (error, response) => {
      client.close();
      if (error) reject(error);
      else resolve(response.status);
    });
  });
}

type Question = NonNullable<ServerReflectionRequest['messageRequest']>;

/** Asks one after the other on one stream, and gives the answers. */
async function reflect(address: string, questions: readonly Question[]): Promise<ServerReflectionResponse[]> {
  const client = new ServerReflectionClient(address, credentials.createInsecure());
  const stream = client.serverReflectionInfo();
  const answers: ServerReflectionResponse[] = [];
  stream.on('data', (answer: ServerReflectionResponse) => answers.push(answer));
  const ended = new Promise((resolve) => stream.once('end', resolve));
  for (const messageRequest of questions) stream.write({ host: '', messageRequest });
  stream.end();
  await ended;
  client.close();
  return answers;
}

describe('addresses', () => {
  test('a unix socket serves, and its file goes with the server', async () => {
    const { folder } = await open();
    const path = join(folder, 'door.sock');
    const door = await open({ grpc: { listen: `unix:${path}` } });
    expect(door.address).toBe(`unix:${path}`);
    const client = connect(door.address);
    expect(await call(client.queues, 'createQueue', { queue: 'q' })).toEqual({ created: true });
    client.close();
    door.server.stop();
    await pause(100);
    expect(existsSync(path)).toBe(false);
  });

  test('a socket file that a killed server left is replaced', async () => {
    const { folder } = await open();
    const path = join(folder, 'stale.sock');
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    const child = fork('-e', [script]);
    await new Promise((resolve) => child.once('exit', resolve));
    expect(statSync(path).isSocket()).toBe(true);
    const door = await open({ grpc: { listen: `unix:${path}` } });
    const client = connect(door.address);
    await call(client.auth, 'authenticate', {});
    client.close();
  });

  test('a socket on which someone listens is left alone, by name', async () => {
    const { folder } = await open();
    const path = join(folder, 'taken.sock');
    const other = createServer().listen(path);
    await new Promise((resolve) => other.once('listening', resolve));
    await expect(open({ grpc: { listen: `unix:${path}` } })).rejects.toThrow(`unix:${path}: another server listens`);
    expect(existsSync(path)).toBe(true);
    await new Promise((resolve) => other.close(resolve));
  });

  test('a port that is taken stops the start, by name', async () => {
    const first = await open();
    await expect(open({ grpc: { listen: first.address } })).rejects.toThrow(`Cannot listen on ${first.address}`);
  });

  test('TLS: served with the certificate, refused in the clear', async () => {
    const { folder } = await open();
    const [key, cert] = ['key.pem', 'cert.pem'].map((name) => join(folder, name)) as [string, string];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
    execFileSync('openssl', ['req', '-x509', ...ec, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
    const door = await open({ grpc: { tls: { key, cert } } });
    const secure = connect(door.address.replace('127.0.0.1', 'localhost'), credentials.createSsl(readFileSync(cert)));
    expect((await call(secure.auth, 'authenticate', {}, { project: 'p' })).project).toBe('p');
    secure.close();
    const clear = connect(door.address);
    expect(await codeOf(call(clear.auth, 'authenticate', {}, { timeoutMs: 2_000 }))).not.toBe(status.OK);
    clear.close();
  });
});

describe('health and reflection', () => {
  test('"" and each service are SERVING; an unknown one is NOT_FOUND', async () => {
    const door = await open();
    const services = ['Queue', 'Message', 'Claim', 'Auth', 'Admin'].map((name) => `marconi.v1.${name}Service`);
    for (const name of ['', ...services]) {
      expect(await healthOf(door.address, name)).toBe(Serving.SERVING);
    }
    expect(await codeOf(healthOf(door.address, 'marconi.v1.NoService'))).toBe(status.NOT_FOUND);
  });

  test('a watcher is told NOT_SERVING when the node drains, and holds up no drain', async () => {
    const door = await open();
    const client = new HealthClient(door.address, credentials.createInsecure());
    const seen: Serving[] = [];
    const watch = client.watch({ service: '' });
    const ended = new Promise((resolve) => watch.once('end', resolve));
    watch.on('data', (value: { status: Serving }) => seen.push(value.status));
    while (seen.length === 0) await pause(10);
    const started = performance.now();
    await door.server.drain(5_000);
    await ended;
    expect(seen).toEqual([Serving.SERVING, Serving.NOT_SERVING]);
    expect(performance.now() - started).toBeLessThan(2_000);
    client.close();
  });

  test('reflection lists the services, gives their files with imports, and says what it does not know', async () => {
    const door = await open();
    const [listed, file, unknown, method] = await reflect(door.address, [
      { $case: 'listServices', value: '' },
      { $case: 'fileContainingSymbol', value: 'marconi.v1.MessageService' },
      { $case: 'fileContainingSymbol', value: 'marconi.v1.NoService' },
      { $case: 'fileContainingSymbol', value: 'marconi.v1.ClaimService.CreateClaim' },
    ]);
    if (listed?.messageResponse?.$case !== 'listServicesResponse') throw new Error('no list');
    const names = listed.messageResponse.value.service.map(({ name }) => name);
    expect(names).toEqual([...SERVICES, 'grpc.health.v1.Health'].sort());
    if (file?.messageResponse?.$case !== 'fileDescriptorResponse') throw new Error('no file');
    const files = file.messageResponse.value.fileDescriptorProto.map((bytes) => FileDescriptorProto.decode(bytes).name);
    expect(files[0]).toBe('marconi/v1/messages.proto');
    expect(files).toContain('google/protobuf/timestamp.proto');
    expect(unknown?.messageResponse).toMatchObject({ $case: 'errorResponse', value: { errorCode: status.NOT_FOUND } });
    expect(method?.messageResponse?.$case).toBe('fileDescriptorResponse');
  });
});

describe('drain', () => {
  test('what is in flight finishes, new connections are refused, old ones get GOAWAY', async () => {
    const gate = shutLatch();
    const reached = shutLatch();
    const door = await open({
      wrap: (engine) => ({
        ...engine,
        queues: {
          ...engine.queues,
          create: async (context, name) => {
            reached.open();
            await gate.opened;
            return engine.queues.create(context, name);
          },
        },
      }),
    });
    const session = await connectHttp2(door.address);
    const goaway = goawayOf(session);
    const client = connect(door.address);
    const inFlight = call(client.queues, 'createQueue', { queue: 'late' });
    await reached.opened;
    const drained = door.server.drain(5_000);
    expect(await goaway).toBe(NGHTTP2_NO_ERROR);
    const newcomer = connect(door.address);
    expect(await codeOf(call(newcomer.auth, 'authenticate', {}, { timeoutMs: 2_000 }))).toBe(status.UNAVAILABLE);
    newcomer.close();
    gate.open();
    expect(await inFlight).toEqual({ created: true });
    await drained;
    client.close();
  });

  test('what does not finish is cut off after the grace', async () => {
    const reached = shutLatch();
    const release = shutLatch();
    const door = await open({
      wrap: (engine) => ({
        ...engine,
        queues: {
          ...engine.queues,
          create: async () => {
            reached.open();
            await release.opened;
            return { created: true };
          },
        },
      }),
    });
    const client = connect(door.address);
    const stuck = codeOf(call(client.queues, 'createQueue', { queue: 'stuck' }));
    await reached.opened;
    const started = performance.now();
    await door.server.drain(300);
    expect(performance.now() - started).toBeLessThan(2_000);
    expect(await stuck).not.toBe(status.OK);
    release.open();
    client.close();
  });

  test('a draining engine refuses with DRAINING and ends waits empty; claims in hand can be ended', async () => {
    const door = await open();
    const client = connect(door.address);
    await call(client.queues, 'createQueue', { queue: 'q' });
    const request = { queue: 'q', ttlSeconds: 60, graceSeconds: 60, wait: { seconds: 20n, nanos: 0 } };
    const waiting = call(client.claims, 'createClaim', request);
    while (door.engine.load().waiters === 0) await pause(10);
    await door.engine.drain();
    expect((await waiting).claim).toBeUndefined();
    const messages = [{ body: Buffer.from('1'), contentType: '', ttlSeconds: 60 }];
    const refusal = await refused(call(client.messages, 'postMessages', { queue: 'q', messages }));
    expect(refusal).toMatchObject({ code: status.UNAVAILABLE, reason: 'DRAINING' });
    expect(refusal.retryMs).toBeGreaterThan(0);
    expect(await call(client.admin, 'getStatus', {})).toMatchObject({ draining: true });
    expect(await call(client.claims, 'releaseClaim', { queue: 'q', claimId: 'x' })).toEqual({ released: 0 });
    client.close();
  });

  test('posts under load while the node drains: each is acknowledged and stored, or refused and not', async () => {
    const door = await open();
    const client = connect(door.address);
    await call(client.queues, 'createQueue', { queue: 'load' });
    let acknowledged = 0;
    const codes = new Set<number>();
    let going = true;
    const producer = async (): Promise<void> => {
      while (going) {
        const messages = [{ body: Buffer.from('1'), contentType: '', ttlSeconds: 60 }];
        const code = await codeOf(
          call(client.messages, 'postMessages', { queue: 'load', messages }, { timeoutMs: 3_000 }),
        );
        if (code === status.OK) acknowledged++;
        else codes.add(code);
      }
    };
    const producers = Array.from({ length: 16 }, producer);
    await pause(300);
    await Promise.all([door.engine.drain(), door.server.drain(5_000)]);
    going = false;
    await Promise.all(producers);
    client.close();
    expect([...codes]).toEqual([status.UNAVAILABLE]);
    expect(acknowledged).toBeGreaterThan(10);
    const context = { principal: { strategy: 'none', roles: [] }, scope: { project: null } } as const;
    const { value } = await door.engine.queues.stats(context, 'load');
    expect(value.total).toBe(acknowledged);
  });
});
