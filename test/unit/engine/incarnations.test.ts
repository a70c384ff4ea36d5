import type { Engine } from '../../../src/engine/api.js';
import { inProject, message, testEngine } from '../../support/engine.js';
import { ManualTime } from '../../support/manual-time.js';
import { SharedMemory } from '../../support/shared-memory.js';

const ROUNDS = 1_000;
const ctx = inProject('p');
const one = { poster: null, messages: [message('old')], key: null };
const all = {
  position: { kind: 'after', marker: 0 },
  limit: 20,
  caller: null,
  echo: true,
  includeClaimed: true,
} as const;
const hold = { ttl: 60, grace: 60, limit: 1, waitMs: 0 };

/** What the queue held before it was deleted: a claimed and a free message. */
interface Old {
  readonly claimed: string;
  readonly free: string;
  readonly claim: string;
}

/** The reason of a refusal; what was answered otherwise. */
const reasonOf = (call: Promise<unknown>): Promise<unknown> =>
  call.catch((error: { reason?: string }) => error.reason ?? error);

type Use = (engine: Engine, old: Old) => Promise<unknown>;

/** Every operation that goes by a remembered incarnation, and what it comes to on a queue that was just made anew. */
const OPERATIONS: readonly (readonly [string, Use, unknown])[] = [
  ['list', async (engine) => (await engine.messages.list(ctx, 'q', all)).value, []],
  ['get a message', (engine, { free }) => reasonOf(engine.messages.get(ctx, 'q', free)), 'MESSAGE_NOT_FOUND'],
  ['get messages', async (engine, { free }) => (await engine.messages.getMany(ctx, 'q', [free])).value, []],
  ['delete a message', (engine, { free }) => engine.messages.delete(ctx, 'q', free, null), { deleted: false }],
  [
    'delete with a claim',
    (engine, { claimed, claim }) => engine.messages.delete(ctx, 'q', claimed, claim),
    { deleted: false },
  ],
  ['delete messages', (engine, { free }) => engine.messages.deleteMany(ctx, 'q', [free]), { deleted: 0 }],
  ['pop', async (engine) => (await engine.messages.pop(ctx, 'q', 10)).value, []],
  ['claim', async (engine) => (await engine.claims.create(ctx, 'q', hold)).value, null],
  ['get a claim', (engine, { claim }) => reasonOf(engine.claims.get(ctx, 'q', claim)), 'CLAIM_NOT_FOUND'],
  ['renew', (engine, { claim }) => reasonOf(engine.claims.renew(ctx, 'q', claim, 60, 0)), 'CLAIM_NOT_FOUND'],
  ['release', (engine, { claim }) => engine.claims.release(ctx, 'q', claim), { released: 0 }],
  [
    'acknowledge',
    (engine, { claim, claimed }) => engine.claims.acknowledge(ctx, 'q', claim, [claimed]),
    ['alreadyGone'],
  ],
  ['stats', async (engine) => (await engine.queues.stats(ctx, 'q')).value.total, 0],
  [
    'post',
    async (engine) => {
      await engine.messages.post(ctx, 'q', { ...one, messages: [message('new')] });
      return (await engine.messages.list(ctx, 'q', all)).value.map(({ body }) => Buffer.from(body).toString());
    },
    ['"new"'],
  ],
];

describe('a core that knows a queue which another core deletes and makes anew', () => {
  let here: Engine;
  let there: Engine;

  beforeEach(() => {
    const time = new ManualTime();
    const shared = new SharedMemory(time);
    const changes = { timers: time.timers };
    here = testEngine(shared.core('here'), changes);
    there = testEngine(shared.core('there'), changes);
  });

  afterEach(() => Promise.all([here.drain(), there.drain()]));

  /** Fills the queue through the core under test, which so remembers its incarnation. */
  async function fill(): Promise<Old> {
    const { ids } = await here.messages.post(ctx, 'q', { ...one, messages: [message('old'), message('old')] });
    const claim = await here.claims.create(ctx, 'q', hold);
    return { claimed: ids[0]!, free: ids[1]!, claim: claim.value!.id };
  }

  test.each(OPERATIONS)('shows nothing old at once: %s', async (_, use, expected) => {
    await there.queues.create(ctx, 'q');
    for (let round = 0; round < ROUNDS; round++) {
      const old = await fill();
      await there.queues.delete(ctx, 'q');
      await there.queues.create(ctx, 'q');
      expect(await use(here, old)).toEqual(expected);
    }
  });

  test.each(OPERATIONS)('answers as for a queue that never was once it is deleted: %s', async (_, use) => {
    const never = await reasonOf(use(there, { claimed: 'm', free: 'n', claim: 'c' }));
    await there.queues.create(ctx, 'q');
    const old = await fill();
    await there.queues.delete(ctx, 'q');
    expect(await reasonOf(use(here, old))).toEqual(never);
  });
});
