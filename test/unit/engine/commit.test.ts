import { Commit } from '../../../src/engine/commit/commit.js';
import { MarconiError } from '../../../src/errors/marconi-error.js';
import { nodeTimers } from '../../../src/app/runtime.js';
import { testSettings } from '../../support/engine.js';
import { heldStorage, postStep as post, releaseStep as release } from '../../support/held-storage.js';
import { settle } from '../../support/manual-time.js';

describe('group commit', () => {
  it('shares one commit among all that meets in one turn', async () => {
    const { storage, kinds } = heldStorage();
    const commit = new Commit(storage, nodeTimers, testSettings);
    for (let i = 0; i < 3; i++) void commit.submit(post());
    await settle();
    expect(kinds()).toEqual([['post', 'post', 'post']]);
  });

  it('gathers what comes while a commit is under way into the next one, work that drains first', async () => {
    const { storage, batches, kinds } = heldStorage();
    const commit = new Commit(storage, nodeTimers, testSettings);
    void commit.submit(post());
    await settle();
    void commit.submit(post());
    void commit.submit(release());
    await settle();
    expect(batches).toHaveLength(1);
    expect(commit.waitingSteps).toBe(2);
    batches[0]?.end();
    await settle();
    expect(kinds()[1]).toEqual(['releaseIfLive', 'post']);
  });

  it('bounds a commit by steps and by bytes, and lets a large step pass alone', async () => {
    const { storage, batches, kinds } = heldStorage();
    const commit = new Commit(storage, nodeTimers, { ...testSettings, maxSteps: 2, maxBytes: 100 });
    for (const bytes of [10, 10, 10, 200, 50, 60]) void commit.submit(post('q', bytes));
    for (let i = 0; i < 5; i++) {
      await settle();
      batches.at(-1)?.end();
    }
    await settle();
    expect(kinds().map((batch) => batch.length)).toEqual([2, 1, 1, 1, 1]);
  });

  it('refuses intake over the bound with OVERLOADED and a hint, while draining steps still enter', async () => {
    const { storage } = heldStorage();
    const commit = new Commit(storage, nodeTimers, { ...testSettings, maxWaitingSteps: 2 });
    void commit.submit(post());
    void commit.submit(post());
    await expect(commit.submit(post())).rejects.toMatchObject({ reason: 'OVERLOADED', retryAfterMs: 1000 });
    void commit.submit(release());
    expect(commit.waitingSteps).toBe(3);
  });

  it('refuses intake over the bound of bytes, except into an empty line', async () => {
    const { storage } = heldStorage();
    const commit = new Commit(storage, nodeTimers, { ...testSettings, maxWaitingBytes: 100 });
    void commit.submit(post('q', 150));
    expect(commit.waitingBytes).toBe(150);
    await expect(commit.submit(post())).rejects.toMatchObject({ reason: 'OVERLOADED' });
  });

  it('rejects every step of a failed commit, and goes on with the next', async () => {
    const { storage, batches } = heldStorage();
    const commit = new Commit(storage, nodeTimers, testSettings);
    const first = [commit.submit(post()), commit.submit(post())];
    const failed = Promise.allSettled(first);
    await settle();
    const later = commit.submit(post());
    batches[0]?.end(new MarconiError('STORAGE_UNAVAILABLE', 'disk'));
    for (const result of await failed) expect(result).toMatchObject({ reason: { reason: 'STORAGE_UNAVAILABLE' } });
    await settle();
    batches[1]?.end();
    await expect(later).resolves.toEqual({ kind: 'gone' });
  });

  it('is idle once all commits are done', async () => {
    const { storage, batches } = heldStorage();
    const commit = new Commit(storage, nodeTimers, testSettings);
    await commit.whenIdle();
    void commit.submit(post());
    let idle = false;
    void commit.whenIdle().then(() => (idle = true));
    await settle();
    expect(idle).toBe(false);
    batches[0]?.end();
    await settle();
    expect(idle).toBe(true);
  });

  it('keeps the order of arrival over more steps than the line compacts at', async () => {
    const { storage, batches } = heldStorage();
    const commit = new Commit(storage, nodeTimers, { ...testSettings, maxSteps: 700, maxWaitingSteps: 5000 });
    for (let i = 0; i < 2500; i++) void commit.submit(post(`q${i}`));
    for (let i = 0; i < 4; i++) {
      await settle();
      batches[i]?.end();
    }
    const order = batches.flatMap(({ ops }) => ops.map((op) => op.queue.uid));
    expect(order).toEqual(Array.from({ length: 2500 }, (_, i) => `q${i}`));
  });
});
