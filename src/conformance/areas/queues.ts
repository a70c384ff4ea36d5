import { expect } from 'expect';
import { area } from '../area.js';
import { controlKit, freshProject, queueNames } from '../control-kit.js';
import { freshRef } from '../fresh.js';

/** Queues by project and name: creation, metadata, deletion and listing (semantics sections 1 and 11). */
export const queues = area('queues', {
  'creates a queue once and then gives the one that is there': async (kit) => {
    const { control, create } = controlKit(kit);
    const project = freshProject();
    const first = await create(project, 'jobs');
    const second = await create(project, 'jobs');
    expect(first).toMatchObject({ created: true, queue: { project, name: 'jobs', createdAt: kit.now } });
    expect(second).toEqual({ created: false, queue: first.queue });
    expect(await control.findQueue(project, 'jobs')).toEqual(first.queue);
    expect(Buffer.from(first.queue.metadata).toString()).toBe('{}');
  },

  'lets one of many creators at once win, and shows its queue to all': async (kit) => {
    const { create } = controlKit(kit);
    const project = freshProject();
    const results = await Promise.all(Array.from({ length: 20 }, () => create(project, 'race')));
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(results.map(({ queue }) => queue.ref.uid)).size).toBe(1);
  },

  'keeps metadata byte for byte, also when the queue is created again': async (kit) => {
    const { control, create } = controlKit(kit);
    const project = freshProject();
    const metadata = Buffer.from('{ "ключ": [9007199254740993, "\u{1F680}"],  "": null }');
    await create(project, 'jobs');
    expect(await control.setMetadata(project, 'jobs', metadata)).toBe(true);
    const again = await create(project, 'jobs');
    expect(Buffer.from(again.queue.metadata)).toEqual(metadata);
    const found = await control.findQueue(project, 'jobs');
    expect(Buffer.from(found!.metadata)).toEqual(metadata);
  },

  'knows no metadata of a queue that is missing or deleted': async (kit) => {
    const { control, create } = controlKit(kit);
    const project = freshProject();
    expect(await control.setMetadata(project, 'jobs', Buffer.from('{}'))).toBe(false);
    expect(await control.findQueue(project, 'jobs')).toBeNull();
    const { queue } = await create(project, 'jobs');
    await control.deleteQueue(project, 'jobs', queue.ref.uid);
    expect(await control.setMetadata(project, 'jobs', Buffer.from('{}'))).toBe(false);
    expect(await control.findQueue(project, 'jobs')).toBeNull();
  },

  'deletes a name once, for the incarnation that has it, and a new one gets fresh metadata': async (kit) => {
    const { control, create } = controlKit(kit);
    const project = freshProject();
    const { queue } = await create(project, 'jobs');
    await control.setMetadata(project, 'jobs', Buffer.from('{"a": 1}'));
    expect(await control.deleteQueue(project, 'jobs', queue.ref.uid)).toBe(true);
    expect(await control.deleteQueue(project, 'jobs', queue.ref.uid)).toBe(false);
    const next = await create(project, 'jobs');
    expect(await control.deleteQueue(project, 'jobs', queue.ref.uid)).toBe(false);
    expect(next.created).toBe(true);
    expect(next.queue.ref.uid).not.toBe(queue.ref.uid);
    expect(Buffer.from(next.queue.metadata).toString()).toBe('{}');
  },

  'tells which incarnations still have a name': async (kit) => {
    const { control, create } = controlKit(kit);
    const project = freshProject();
    const kept = (await create(project, 'kept')).queue.ref.uid;
    const lost = (await create(project, 'lost')).queue.ref.uid;
    await control.deleteQueue(project, 'lost', lost);
    expect([...(await control.namedUids([kept, lost, freshRef().uid]))]).toEqual([kept]);
    expect((await control.namedUids([])).size).toBe(0);
  },

  'pages through 15 queues by 10 and 5': async (kit) => {
    const { create, list } = controlKit(kit);
    const project = freshProject();
    for (const name of queueNames(15)) await create(project, name);
    expect(await list(project, '', 10)).toEqual(queueNames(15).slice(0, 10));
    expect(await list(project, 'q09', 10)).toEqual(queueNames(15).slice(10));
    expect(await list(project, 'q14', 10)).toEqual([]);
  },

  'lists in byte order, after any text, whether a queue has that name or not': async (kit) => {
    const { create, list } = controlKit(kit);
    const project = freshProject();
    const made = ['b', 'B', 'a', '_', '-', '.', 'a.b', 'a-b', 'aB', '10', '9', 'z'];
    for (const name of made) await create(project, name);
    const sorted = [...made].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
    expect(await list(project)).toEqual(sorted);
    expect(await list(project, 'aa')).toEqual(['b', 'z']);
    expect(await list(project, 'Z')).toEqual(sorted.filter((name) => name > 'Z'));
    expect(await list(project, 'zzz')).toEqual([]);
    expect(await list(project, '~é\u{1F680}')).toEqual([]);
  },
});
