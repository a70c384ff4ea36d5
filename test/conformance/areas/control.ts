import { freshRef, type Kit } from '../kit.js';

let projects = 0;
const freshProject = (): string => `project ${++projects}`;
const names = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `q${String(index).padStart(2, '0')}`);

/** Queues by project and name: creation, metadata, deletion and listing (semantics sections 1, 2 and 11). */
export function controlStore(kit: () => Kit): void {
  const control = () => kit().storage.control;
  const create = (project: string | null, name: string) => control().createQueue(project, name, freshRef(), kit().now);
  const list = async (project: string | null, after = '', limit = 100) =>
    (await control().listQueues({ project, after, limit })).map(({ name }) => name);

  describe('queues', () => {
    it('creates a queue once and then gives the one that is there', async () => {
      const project = freshProject();
      const first = await create(project, 'jobs');
      const second = await create(project, 'jobs');
      expect(first).toMatchObject({ created: true, queue: { project, name: 'jobs', createdAt: kit().now } });
      expect(second).toEqual({ created: false, queue: first.queue });
      expect(await control().findQueue(project, 'jobs')).toEqual(first.queue);
      expect(Buffer.from(first.queue.metadata).toString()).toBe('{}');
    });

    it('lets one of many creators at once win, and shows its queue to all', async () => {
      const project = freshProject();
      const results = await Promise.all(Array.from({ length: 20 }, () => create(project, 'race')));
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(results.map(({ queue }) => queue.ref.uid)).size).toBe(1);
    });

    it('keeps metadata byte for byte, also when the queue is created again', async () => {
      const project = freshProject();
      const metadata = Buffer.from('{ "ключ": [9007199254740993, "\u{1F680}"],  "": null }');
      await create(project, 'jobs');
      expect(await control().setMetadata(project, 'jobs', metadata)).toBe(true);
      const again = await create(project, 'jobs');
      expect(Buffer.from(again.queue.metadata)).toEqual(metadata);
      const found = await control().findQueue(project, 'jobs');
      expect(Buffer.from(found!.metadata)).toEqual(metadata);
    });

    it('knows no metadata of a queue that is missing or deleted', async () => {
      const project = freshProject();
      expect(await control().setMetadata(project, 'jobs', Buffer.from('{}'))).toBe(false);
      expect(await control().findQueue(project, 'jobs')).toBeNull();
      await create(project, 'jobs');
      await control().deleteQueue(project, 'jobs');
      expect(await control().setMetadata(project, 'jobs', Buffer.from('{}'))).toBe(false);
      expect(await control().findQueue(project, 'jobs')).toBeNull();
    });

    it('gives the deleted incarnation once, and a new one gets fresh metadata', async () => {
      const project = freshProject();
      const { queue } = await create(project, 'jobs');
      await control().setMetadata(project, 'jobs', Buffer.from('{"a": 1}'));
      expect(await control().deleteQueue(project, 'jobs')).toEqual(queue.ref);
      expect(await control().deleteQueue(project, 'jobs')).toBeNull();
      const next = await create(project, 'jobs');
      expect(next.created).toBe(true);
      expect(next.queue.ref.uid).not.toBe(queue.ref.uid);
      expect(Buffer.from(next.queue.metadata).toString()).toBe('{}');
    });

    it('tells which incarnations still have a name', async () => {
      const project = freshProject();
      const kept = (await create(project, 'kept')).queue.ref.uid;
      const lost = (await create(project, 'lost')).queue.ref.uid;
      await control().deleteQueue(project, 'lost');
      expect([...(await control().namedUids([kept, lost, freshRef().uid]))]).toEqual([kept]);
      expect((await control().namedUids([])).size).toBe(0);
    });

    it('pages through 15 queues by 10 and 5', async () => {
      const project = freshProject();
      for (const name of names(15)) await create(project, name);
      expect(await list(project, '', 10)).toEqual(names(15).slice(0, 10));
      expect(await list(project, 'q09', 10)).toEqual(names(15).slice(10));
      expect(await list(project, 'q14', 10)).toEqual([]);
    });

    it('lists in byte order, after any text, whether a queue has that name or not', async () => {
      const project = freshProject();
      const made = ['b', 'B', 'a', '_', '-', '.', 'a.b', 'a-b', 'aB', '10', '9', 'z'];
      for (const name of made) await create(project, name);
      const sorted = [...made].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
      expect(await list(project)).toEqual(sorted);
      expect(await list(project, 'aa')).toEqual(['b', 'z']);
      expect(await list(project, 'Z')).toEqual(sorted.filter((name) => name > 'Z'));
      expect(await list(project, 'zzz')).toEqual([]);
      expect(await list(project, '~é\u{1F680}')).toEqual([]);
    });
  });

  describe('projects', () => {
    const literal = [
      ['a/b', 'a'],
      ['a', 'a/b'],
      ['644079696574693', '644079696574694'],
      ['64407969657469', '644079696574693'],
      ['.', 'x'],
      ['*', 'anything'],
      ['%', '_'],
      [' ', '  '],
      ['проект', 'проекТ'],
      ['\u00e9', 'e\u0301'],
      ['A', 'a'],
      ["'; --", '"'],
      ['null', 'undefined'],
      ['p', 'g'],
    ] as const;

    it.each(literal)('takes project ids literally: %j is not %j', async (one, other) => {
      const mine = freshProject() + one;
      const theirs = mine.slice(0, -one.length) + other;
      const { queue } = await create(mine, 'c');
      expect(await control().findQueue(theirs, 'c')).toBeNull();
      expect(await list(theirs)).toEqual([]);
      expect(await control().setMetadata(theirs, 'c', Buffer.from('{"x":1}'))).toBe(false);
      expect(await control().deleteQueue(theirs, 'c')).toBeNull();
      expect(await control().findQueue(mine, 'c')).toEqual(queue);
    });

    it('tells ("a/b", "c") from ("a", "b/c") and like splittings', async () => {
      const base = freshProject();
      const pairs = ['/', '.', ':', '\u0000', '\u001f'].flatMap((mark): [string, string][] => [
        [`${base}${mark}b`, 'c'],
        [base, `b${mark}c`],
      ]);
      for (const [project, name] of pairs) expect((await create(project, name)).created).toBe(true);
      const uids = await Promise.all(pairs.map(async ([p, n]) => (await control().findQueue(p, n))!.ref.uid));
      expect(new Set(uids).size).toBe(pairs.length);
    });

    it('keeps 15 global and 15 named queues of the same names apart', async () => {
      const project = freshProject();
      const scoped = names(15).map((name) => `${project.replace(/\W/g, '-')}${name}`);
      for (const name of scoped) {
        expect((await create(null, name)).created).toBe(true);
        expect((await create(project, name)).created).toBe(true);
      }
      expect(await list(project, '', 10)).toEqual(scoped.slice(0, 10));
      expect(await list(project, scoped[9], 10)).toEqual(scoped.slice(10));
      await control().deleteQueue(project, scoped[0]!);
      expect(await control().findQueue(null, scoped[0]!)).not.toBeNull();
      expect((await list(null)).filter((name) => scoped.includes(name))).toEqual(scoped);
    });

    it.each(['', 'g', 'null', 'global', '\u0000'])(
      'never takes the global project for the one named %j',
      async (id) => {
        const name = `global-${++projects}`;
        await create(null, name);
        expect(await control().findQueue(id, name)).toBeNull();
        expect(await list(id)).not.toContain(name);
        await create(id, `${name}-named`);
        expect(await control().findQueue(null, `${name}-named`)).toBeNull();
        expect(await list(null)).not.toContain(`${name}-named`);
      },
    );
  });
}
