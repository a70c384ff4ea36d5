import { nodeTimers } from '../../../src/app/runtime.js';
import { OPTIONS } from '../../../src/config/index.js';
import { Commit } from '../../../src/engine/commit/commit.js';
import type { EngineSettings } from '../../../src/engine/engine.js';
import { MarconiError } from '../../../src/errors/marconi-error.js';
import type { MessageOp } from '../../../src/storage/ports/index.js';
import { testSettings } from '../../support/engine.js';
import { fenceStep, heldStorage, postStep, releaseStep, type HeldCommit } from '../../support/held-storage.js';
import { settle } from '../../support/manual-time.js';

/** A commit over a store that commits by queue, and the answers to what was submitted. */
function committing(settings: Partial<EngineSettings> = {}) {
  const { storage, batches, kinds } = heldStorage('queue');
  const commit = new Commit(storage, nodeTimers, { ...testSettings, ...settings });
  const answers: Promise<PromiseSettledResult<unknown>>[] = [];
  return {
    commit,
    batches,
    kinds,
    submit: (...ops: readonly MessageOp[]): void => {
      answers.push(...ops.map((op) => settled(commit.submit(op))));
    },
    refused: async (): Promise<number> => {
      while (commit.waitingSteps > 0) {
        await settle();
        batches.forEach(({ end }) => end());
        await settle();
      }
      return (await Promise.all(answers)).filter(({ status }) => status === 'rejected').length;
    },
  };
}

async function settled<T>(promise: Promise<T>): Promise<PromiseSettledResult<T>> {
  return (await Promise.allSettled([promise]))[0];
}

const uids = (batches: readonly HeldCommit[]) => batches.map(({ uid }) => uid);
const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

describe('group commit over a store that commits by queue', () => {
  it('makes one commit of 64 posts to a queue that meet in one turn', async () => {
    const { submit, batches } = committing({ maxSteps: OPTIONS['commit.maxSteps'].default });
    submit(...times(64, () => postStep()));
    await settle();
    expect(batches.map(({ ops }) => ops.length)).toEqual([64]);
  });

  it('does not hold one queue for another', async () => {
    const { commit, submit, batches } = committing();
    submit(postStep('slow'));
    const quick = commit.submit(postStep('quick'));
    await settle();
    expect(uids(batches)).toEqual(['slow', 'quick']);
    batches[1]!.end();
    await quick;
    const next = commit.submit(postStep('quick'));
    await settle();
    batches[2]!.end();
    await next;
  });

  it("has a queue's posts and its other steps under way at once, one commit of each", async () => {
    const { submit, kinds } = committing();
    submit(postStep(), releaseStep());
    await settle();
    submit(postStep(), releaseStep());
    await settle();
    expect(kinds()).toEqual([['post'], ['releaseIfLive']]);
  });

  it('orders the steps of a commit by kind, in order of arrival within a kind', async () => {
    const { submit, batches } = committing();
    const queue = { uid: 'q', pool: 'default' };
    const claim = (id: string): MessageOp => ({
      ...{ kind: 'claimNext', queue, claim: id, ttl: 60, grace: 60 },
      ...{ limit: 1, maxBytes: 1 },
    });
    submit(
      fenceStep(),
      { kind: 'popNext', queue, limit: 1, maxBytes: 1 },
      claim('a'),
      { kind: 'acknowledgeIfHolder', queue, claim: 'x', ids: [] },
      { kind: 'deleteAll', queue, ids: [] },
      claim('b'),
      { kind: 'deleteIfAllowed', queue, id: 'm', claim: null },
      releaseStep('q', 'r1'),
      { kind: 'renewIfLive', queue, claim: 'x', ttl: 60, grace: 0 },
      releaseStep('q', 'r2'),
    );
    await settle();
    expect(batches[0]!.ops.map((op) => ('claim' in op && op.claim ? `${op.kind} ${op.claim}` : op.kind))).toEqual([
      ...['renewIfLive x', 'releaseIfLive r1', 'releaseIfLive r2', 'deleteIfAllowed', 'deleteAll'],
      ...['acknowledgeIfHolder x', 'claimNext a', 'claimNext b', 'popNext', 'fence'],
    ]);
  });

  it('gives each caller the outcome of its own step after ordering', async () => {
    const { commit, batches } = committing();
    const fenced = commit.submit(fenceStep());
    const released = commit.submit(releaseStep());
    await settle();
    expect(batches[0]!.ops.map(({ kind }) => kind)).toEqual(['releaseIfLive', 'fence']);
    batches[0]!.end();
    expect(await Promise.all([fenced, released])).toEqual([{ kind: 'gone' }, { kind: 'gone' }]);
  });

  it('bounds what waits over all queues, and one queue by what all leave free', async () => {
    const { submit, commit, refused } = committing({ maxWaitingSteps: 16 });
    submit(...times(16, () => postStep('slow')));
    await settle();
    expect(commit.waitingSteps).toBe(4);
    submit(...times(40, (i) => postStep(`other${i}`)));
    expect(commit.waitingSteps).toBe(16);
    expect(await refused()).toBe(12 + 28);
  });

  it('leaves room for others beside ten queues that do not move', async () => {
    const { submit, commit } = committing({ maxWaitingSteps: 1024 });
    for (let i = 0; i < 10; i++) submit(...times(1024, () => postStep(`slow${i}`)));
    const before = commit.waitingSteps;
    submit(...times(10, () => postStep('late')));
    expect(commit.waitingSteps - before).toBe(10);
  });

  it('bounds bytes as it bounds steps, those under way included', async () => {
    const { submit, commit, batches } = committing({ maxWaitingBytes: 1000 });
    submit(...times(10, () => postStep('slow', 50)));
    await settle();
    expect(commit.waitingBytes).toBe(250);
    batches[0]!.end();
    await settle();
    expect([commit.waitingBytes, batches.length]).toEqual([0, 1]);
  });

  it('tells a queue that has its share from a node that is full, both with a hint', async () => {
    const { submit, commit } = committing({ maxWaitingSteps: 8 });
    submit(...times(2, () => postStep('slow')));
    const hint = { reason: 'OVERLOADED', retryAfterMs: 1000 };
    await expect(commit.submit(postStep('slow'))).rejects.toMatchObject({ ...hint, metadata: { bound: 'queue' } });
    submit(...times(6, (i) => postStep(`other${i}`)));
    await expect(commit.submit(postStep('late'))).rejects.toMatchObject({ ...hint, metadata: { bound: 'node' } });
  });

  it('takes out what is asked while no post gets in, and never refuses a fence', async () => {
    const { submit, commit, refused } = committing({ maxWaitingSteps: 1 });
    submit(postStep(), postStep('other'), ...times(8, () => releaseStep()), ...times(8, () => fenceStep()));
    expect(commit.waitingSteps).toBe(1 + 1 + 8);
    expect(await refused()).toBe(1 + 7);
  });

  it('bounds the commits under way; posts leave some for claims and deletions', async () => {
    const { submit, commit, batches } = committing({ maxConcurrent: 8 });
    submit(...times(20, (i) => postStep(`q${i}`)));
    await settle();
    expect([batches.length, commit.underWay]).toEqual([6, 6]);
    submit(...times(5, (i) => releaseStep(`q${i}`)));
    await settle();
    expect([batches.length, commit.underWay]).toEqual([8, 8]);
    batches[6]!.end();
    await settle();
    batches[0]!.end();
    await settle();
    expect(batches.slice(8).map(({ ops }) => ops[0]!.kind)).toEqual(['releaseIfLive', 'post']);
  });

  it('gives the turns in order: a queue with much to commit goes behind those that wait', async () => {
    const { submit, batches } = committing({ maxConcurrent: 1, maxSteps: 1 });
    submit(...times(3, () => postStep('busy')));
    submit(postStep('a'), postStep('b'));
    for (let i = 0; i < 5; i++) {
      await settle();
      batches[i]!.end();
    }
    expect(uids(batches)).toEqual(['busy', 'a', 'b', 'busy', 'busy']);
  });

  it('gives the turns in order among posts and other steps', async () => {
    const { submit, batches } = committing({ maxConcurrent: 1 });
    submit(postStep('a'), releaseStep('b'), postStep('c'), releaseStep('d'));
    for (let i = 0; i < 4; i++) {
      await settle();
      batches[i]!.end();
    }
    expect(uids(batches)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('frees the turn and the room of a commit that fails', async () => {
    const { commit, batches } = committing({ maxConcurrent: 1, maxWaitingSteps: 2 });
    const failed = commit.submit(postStep('a'));
    const next = commit.submit(postStep('b'));
    await settle();
    batches[0]!.end(new MarconiError('STORAGE_UNAVAILABLE', 'no primary'));
    await expect(failed).rejects.toMatchObject({ reason: 'STORAGE_UNAVAILABLE' });
    await settle();
    batches[1]!.end();
    await next;
    await settle();
    expect([commit.waitingSteps, commit.waitingBytes, commit.underWay]).toEqual([0, 0, 0]);
  });

  it('forgets lanes that are idle, also those whose first step is refused, and is idle then', async () => {
    const { submit, commit, refused } = committing({ maxWaitingSteps: 2 });
    submit(...times(5, (i) => postStep(`q${i}`)));
    let idle = false;
    const whenIdle = commit.whenIdle().then(() => (idle = true));
    await settle();
    expect(idle).toBe(false);
    expect(await refused()).toBe(3);
    await whenIdle;
    await commit.whenIdle();
  });
});
