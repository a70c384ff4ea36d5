import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import { DISPATCH, METHODS, rowOf, type MethodName } from '../../src/transport/dispatch.js';
import { Random } from '../support/random.js';
import { startMarconi, type RunningMarconi } from '../support/server.js';

const LONG = process.env['MARCONI_TEST_TIER'] === 'long';
const CALLS = LONG ? 100_000 : 10_000;
const IN_FLIGHT = 32;
/** A call of one request to a stream: it ends when the server says so, or the client has heard enough. */
const STREAM_MS = 2_000;
const HEARD_ENOUGH: number = status.DEADLINE_EXCEEDED;
const SEED = Number(process.env['MARCONI_TEST_SEED'] ?? 1);

/** What bad input must never be answered with: these tell of a fault of the server. */
const FAULTS: readonly number[] = [
  status.UNKNOWN,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
  status.ABORTED,
  status.UNIMPLEMENTED,
  status.RESOURCE_EXHAUSTED,
  status.DEADLINE_EXCEEDED,
];

const TEXTS = [
  '',
  'q',
  'q.1',
  '../q',
  'q/r',
  'a'.repeat(64),
  'a'.repeat(65),
  '\u0000',
  '😀',
  '__proto__',
  'constructor',
  '-1',
  '9'.repeat(30),
  'mAAAAAAAAAAAAAAAA-0',
  'mAAAAAAAAAAAAAAAA-99999999999',
  '%s%n',
  'x'.repeat(5_000),
];
const NUMBERS = [0, 1, 10, 20, 21, 59, 60, 61, 43_200, 43_201, 1_209_600, 1_209_601, 2 ** 31, 2 ** 32 - 1];
const BODIES = [
  '{}',
  'null',
  '[',
  '{"a":',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775809',
  '1e999999',
  '"\\ud800"',
  '{"__proto__":1,"__proto__":2}',
  '['.repeat(5_000),
  `${'['.repeat(900)}${']'.repeat(900)}`,
  ' \n\t{"a" : 1}\n',
  'NaN',
  '\ufeff{}',
].map((text) => Buffer.from(text));

type Fields = Record<string, unknown>;

/** A value of a request's field: what the contract expects, or something near it. */
function valueFor(random: Random, name: string): unknown {
  if (/ids$|^markers$/.test(name)) {
    return Array.from({ length: random.pick([0, 1, 2, 20, 21, 200]) }, () => random.pick(TEXTS));
  }
  if (name === 'messages') return Array.from({ length: random.pick([0, 1, 3, 50]) }, () => newMessage(random));
  if (name === 'producerSequence') return random.pick([0n, 1n, 2n ** 64n - 1n]);
  if (name === 'wait')
    return random.pick([
      { seconds: 0n, nanos: 0 },
      { seconds: -1n, nanos: 5 },
      { seconds: 31n, nanos: 0 },
    ]);
  if (/limit|[sS]econds$/.test(name)) return random.pick(NUMBERS);
  if (/^(echo|includeClaimed|detailed)$/.test(name)) return random.chance(0.5);
  if (/^(body|metadata)$/.test(name)) return random.pick(BODIES);
  return random.pick(TEXTS);
}

function newMessage(random: Random): Fields {
  const fields = ['body', 'contentType', 'ttlSeconds'];
  return Object.fromEntries(fields.map((name) => [name, valueFor(random, name)]));
}

const NAMES = [
  ...['queue', 'marker', 'limit', 'detailed', 'metadata', 'messages', 'producerId', 'producerSequence', 'echo'],
  ...['includeClaimed', 'id', 'ids', 'claimId', 'ttlSeconds', 'graceSeconds', 'wait'],
];

/** A request of the method: fields drawn at random, encoded, and then often damaged. */
function requestBytes(random: Random, method: MethodName): Buffer {
  const codec = DISPATCH[method].requestCodec as unknown as {
    fromPartial(fields: Fields): unknown;
    encode(message: unknown): { finish(): Uint8Array };
  };
  const fields = Object.fromEntries(
    NAMES.filter(() => random.chance(0.7)).map((name) => [name, valueFor(random, name)]),
  );
  const bytes = Buffer.from(codec.encode(codec.fromPartial(fields)).finish());
  return random.chance(0.5) ? bytes : damage(random, bytes);
}

function damage(random: Random, bytes: Buffer): Buffer {
  const at = random.between(0, bytes.length);
  const junk = Buffer.from(Array.from({ length: random.between(1, 12) }, () => random.between(0, 255)));
  switch (random.pick(['cut', 'insert', 'flip', 'repeat', 'junk'])) {
    case 'cut':
      return bytes.subarray(0, at);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), junk, bytes.subarray(at)]);
    case 'repeat':
      return Buffer.concat([bytes, bytes]);
    case 'flip': {
      const copy = Buffer.from(bytes);
      if (copy.length > 0) copy[Math.min(at, copy.length - 1)]! ^= 1 << random.between(0, 7);
      return copy;
    }
    default:
      return junk;
  }
}

const isStream = (method: MethodName): boolean => rowOf(method).kind !== 'unary';

function metadata(random: Random): Metadata {
  const result = new Metadata();
  if (random.chance(0.3))
    result.add('marconi-project-bin', Buffer.from(random.pick(['', 'p', '\u00e9', 'p'.repeat(300)])));
  if (random.chance(0.1)) result.add('marconi-project-bin', Buffer.from([0xff, 0xfe]));
  if (random.chance(0.2)) result.add('x-project-id', random.pick(['p', 'q', ' ', 'p'.repeat(300)]));
  if (random.chance(0.3)) result.add('client-id', random.pick(['', 'no', 'a'.repeat(32), '{}', 'a'.repeat(1_000)]));
  if (random.chance(0.1)) result.add('traceparent', random.pick(['', '00-0-0-0', 'z'.repeat(500)]));
  if (random.chance(0.1)) result.add('x-request-id', random.pick(['', 'a b', 'x'.repeat(2_000)]));
  if (random.chance(0.1)) result.add('authorization', random.pick(['', 'Bearer', 'Bearer x'.repeat(50)]));
  return result;
}

describe(`mutated requests over gRPC (seed ${SEED})`, () => {
  let server: RunningMarconi;
  let client: Client;

  beforeAll(async () => {
    server = await startMarconi({ command: 'core' });
    client = new Client(server.grpcAddress, credentials.createInsecure());
  });

  afterAll(async () => {
    client.close();
    expect(await server.stop()).toBe(0);
  });

  function call(method: MethodName, bytes: Buffer, meta: Metadata): Promise<number> {
    const pass = (buffer: Buffer): Buffer => buffer;
    const options = { deadline: Date.now() + (isStream(method) ? STREAM_MS : 30_000) };
    return new Promise((resolve) => {
      client.makeUnaryRequest(DISPATCH[method].path, pass, pass, bytes, meta, options, (error: ServiceError | null) =>
        resolve(error ? error.code : status.OK),
      );
    });
  }

  test(`${CALLS} of them: no fault of the server is ever answered, and it goes on serving`, async () => {
    const random = new Random(SEED);
    const codes = new Map<number, number>();
    const faults: string[] = [];
    let left = CALLS;
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const method = random.pick(METHODS);
        const bytes = requestBytes(random, method);
        const code = await call(method, bytes, metadata(random));
        codes.set(code, (codes.get(code) ?? 0) + 1);
        const isFault = FAULTS.includes(code) && !(isStream(method) && code === HEARD_ENOUGH);
        if (isFault && faults.length < 10) faults.push(`${status[code]} ${method} ${bytes.toString('hex')}`);
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
    expect(faults).toEqual([]);
    // The input reaches far enough to succeed, and is bad enough to be refused.
    expect(codes.get(status.OK)).toBeGreaterThan(CALLS / 20);
    expect(codes.get(status.INVALID_ARGUMENT)).toBeGreaterThan(CALLS / 20);
    const troubles = server.logs().filter(({ level }) => level === 'error' || level === 'fatal');
    expect(troubles).toEqual([]);
  });
});
