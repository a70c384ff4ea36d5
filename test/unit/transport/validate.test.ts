import fc from 'fast-check';
import { DEFAULT_LIMITS } from '../../../src/config/limits.js';
import type { MarconiError } from '../../../src/errors/marconi-error.js';
import { readClaimRequest, readRenewal } from '../../../src/transport/validate/claims.js';
import { checkQueueName, readClientId } from '../../../src/transport/validate/common.js';
import { readListing, readPost } from '../../../src/transport/validate/messages.js';
import { checkMetadata, readQueuePage } from '../../../src/transport/validate/queues.js';

function refusalOf(run: () => unknown): { reason: string; fields: string[] } {
  try {
    run();
  } catch (error) {
    const { reason, violations } = error as MarconiError;
    return { reason, fields: violations.map(({ field }) => field) };
  }
  return { reason: 'none', fields: [] };
}

const message = (body: string, ttlSeconds = 60, contentType = '') => ({
  body: Buffer.from(body),
  contentType,
  ttlSeconds,
});
const post = (messages: ReturnType<typeof message>[], more = {}) =>
  readPost({ queue: 'q', messages, ...more }, null, DEFAULT_LIMITS);

describe('posts', () => {
  test('the bounds themselves are allowed', () => {
    const body = '1'.repeat(262_144);
    const { messages } = readPost(
      { queue: 'q', messages: [message(`"${body.slice(2)}"`, 60), message('', 1_209_600, 'text/plain')] },
      null,
      DEFAULT_LIMITS,
    );
    expect(messages.map(({ ttl }) => ttl)).toEqual([60, 1_209_600]);
  });

  test('16384 messages are a post, one more is not', () => {
    const most = Array.from({ length: 16_384 }, () => message('1'));
    expect(post(most).messages).toHaveLength(16_384);
    expect(refusalOf(() => post([...most, message('1')]))).toEqual({ reason: 'INVALID_REQUEST', fields: ['messages'] });
  });

  test.each([
    ['', ''],
    ['application/json', ''],
    ['APPLICATION/JSON ; charset="utf-8"', ''],
    ['application/json5', 'application/json5'],
    ['text/json', 'text/json'],
    ['application/vnd.api+json', 'application/vnd.api+json'],
  ])('content type %j is kept as %j', (contentType, kept) => {
    expect(post([message('1', 60, contentType)]).messages[0]?.contentType).toBe(kept);
  });

  test('only JSON bodies must be JSON', () => {
    expect(post([message('{', 60, 'text/plain')]).messages).toHaveLength(1);
    expect(refusalOf(() => post([message('{', 60, 'application/json')]))).toMatchObject({ reason: 'INVALID_BODY' });
  });

  test('a body is the same bytes as came', () => {
    const given = message(' {"a":\n9223372036854775807} ');
    expect(post([given]).messages[0]?.body).toBe(given.body);
  });

  test('the producer key is read whole', () => {
    const key = { producerId: 'é'.repeat(32), producerSequence: 0n };
    expect(post([message('1')], key).key).toEqual({ producer: 'é'.repeat(32), sequence: 0n });
    expect(post([message('1')]).key).toBeNull();
  });

  test('any JSON value that fits in 64 bits is accepted', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const integers = JSON.stringify(value).match(/-?\d{19,}(?![\d.eE])/g);
        fc.pre(integers === null);
        post([message(JSON.stringify(value))]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('pages', () => {
  test('absent: 10, or the most there is where that is less', () => {
    expect(readQueuePage({ marker: 'm', detailed: false }, DEFAULT_LIMITS)).toEqual({ after: 'm', limit: 10 });
    const few = { ...DEFAULT_LIMITS, maxQueuesPerPage: 3 };
    expect(readQueuePage({ marker: '', detailed: false }, few).limit).toBe(3);
  });

  test.each([
    [0, ['limit']],
    [1, []],
    [20, []],
    [21, ['limit']],
    [4_294_967_295, ['limit']],
  ])('limit %d', (limit, fields) => {
    const request = { queue: 'q', marker: '', limit, echo: false, includeClaimed: false };
    expect(refusalOf(() => readListing(request, null, DEFAULT_LIMITS)).fields).toEqual(fields);
  });
});

describe('claims', () => {
  const request = { queue: 'q', ttlSeconds: 60, graceSeconds: 60 };
  const waitOf = (seconds: bigint, nanos: number) =>
    readClaimRequest({ ...request, wait: { seconds, nanos } }, DEFAULT_LIMITS).waitMs;

  test('defaults', () => {
    const read = readClaimRequest(request, DEFAULT_LIMITS);
    expect(read).toEqual({ ttl: 60, grace: 60, limit: 10, waitMs: 0 });
  });

  test('waits are rounded up to milliseconds, 30 s at the most', () => {
    expect([waitOf(0n, 1), waitOf(1n, 500_000_001), waitOf(30n, 0)]).toEqual([1, 1_501, 30_000]);
    for (const [seconds, nanos] of [
      [30n, 1],
      [31n, 0],
      [-1n, 0],
      [0n, -1],
      [0n, 1_000_000_000],
      [2n ** 63n - 1n, 0],
    ] as const) {
      expect(refusalOf(() => waitOf(seconds, nanos))).toEqual({ reason: 'INVALID_REQUEST', fields: ['wait'] });
    }
  });

  test('a renewal needs no grace', () => {
    expect(readRenewal({ ttlSeconds: 60 }, DEFAULT_LIMITS)).toEqual({ ttl: 60, grace: 0 });
    const short = { ttlSeconds: 59, graceSeconds: 43_201 };
    expect(refusalOf(() => readRenewal(short, DEFAULT_LIMITS)).fields).toEqual(['ttl_seconds', 'grace_seconds']);
  });
});

describe('names', () => {
  test.each(['a', 'A-Z_0.9', '.', '..', 'x'.repeat(64)])('queue %j', (name) => {
    expect(() => checkQueueName(name)).not.toThrow();
  });

  test.each(['', 'x'.repeat(65), 'a b', 'a\n', 'é', 'a/b', 'a\0'])('no queue %j', (name) => {
    expect(refusalOf(() => checkQueueName(name))).toEqual({ reason: 'INVALID_QUEUE_NAME', fields: ['queue'] });
  });

  const clientId = (...values: (string | Buffer)[]) => readClientId({ get: () => values });

  test('client ids: none, one, the same twice, two', () => {
    const id = '3381af922b9e11e3b19171861300734c';
    expect(clientId()).toBeNull();
    expect(clientId(`urn:uuid:${id}`)).toBe(id);
    expect(clientId(id, id.toUpperCase())).toBe(id);
    expect(refusalOf(() => clientId(id, id.replace('c', 'd')))).toMatchObject({ fields: ['client-id'] });
    expect(refusalOf(() => clientId(Buffer.from(id)))).toMatchObject({ fields: ['client-id'] });
  });
});

describe('queue metadata', () => {
  const check = (text: string) => refusalOf(() => checkMetadata(Buffer.from(text), DEFAULT_LIMITS)).reason;

  test.each(['{}', ' {"a":{"_b":1}} ', '{"a":9223372036854775807}', `{"a":"${'x'.repeat(65_528)}"}`])(
    '%.30j',
    (text) => {
      expect(check(text)).toBe('none');
    },
  );

  test.each(['', 'x', '[]', '"a"', '{"_a":1}', '{"\\u005fa":1}', '{"a":9223372036854775808}', '\ufeff{}'])(
    'refused: %j',
    (text) => {
      expect(check(text)).toBe('INVALID_REQUEST');
    },
  );
});
