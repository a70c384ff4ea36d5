import { expect } from 'expect';
import { area, each } from '../area.js';
import { controlKit, freshProject, queueNames } from '../control-kit.js';
import { freshRef } from '../fresh.js';
import type { Kit } from '../kit.js';

const LITERAL = [
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

/** Projects are literal texts, and the global one is none of them (semantics section 2). */
export const projects = area('projects', {
  ...each(
    LITERAL,
    ([one, other]) => `takes project ids literally: ${JSON.stringify(one)} is not ${JSON.stringify(other)}`,
    async ([one, other], kit: Kit) => {
      const { control, create, list } = controlKit(kit);
      const mine = freshProject() + one;
      const theirs = mine.slice(0, -one.length) + other;
      const { queue } = await create(mine, 'c');
      expect(await control.findQueue(theirs, 'c')).toBeNull();
      expect(await list(theirs)).toEqual([]);
      expect(await control.setMetadata(theirs, 'c', Buffer.from('{"x":1}'))).toBe(false);
      expect(await control.deleteQueue(theirs, 'c', queue.ref.uid)).toBe(false);
      expect(await control.findQueue(mine, 'c')).toEqual(queue);
    },
  ),

  'tells ("a/b", "c") from ("a", "b/c") and like splittings': async (kit) => {
    const { control, create } = controlKit(kit);
    const base = freshProject();
    const pairs = ['/', '.', ':', '\u0000', '\u001f'].flatMap((mark): [string, string][] => [
      [`${base}${mark}b`, 'c'],
      [base, `b${mark}c`],
    ]);
    for (const [project, name] of pairs) expect((await create(project, name)).created).toBe(true);
    const uids = await Promise.all(pairs.map(async ([p, n]) => (await control.findQueue(p, n))!.ref.uid));
    expect(new Set(uids).size).toBe(pairs.length);
  },

  'keeps 15 global and 15 named queues of the same names apart': async (kit) => {
    const { control, create, list } = controlKit(kit);
    const project = freshProject();
    const scoped = queueNames(15).map((name) => `${project.replace(/\W/g, '-')}${name}`);
    for (const name of scoped) {
      expect((await create(null, name)).created).toBe(true);
      expect((await create(project, name)).created).toBe(true);
    }
    expect(await list(project, '', 10)).toEqual(scoped.slice(0, 10));
    expect(await list(project, scoped[9], 10)).toEqual(scoped.slice(10));
    const first = await control.findQueue(project, scoped[0]!);
    await control.deleteQueue(project, scoped[0]!, first!.ref.uid);
    expect(await control.findQueue(null, scoped[0]!)).not.toBeNull();
    expect((await list(null)).filter((name) => scoped.includes(name))).toEqual(scoped);
  },

  ...each(
    ['', 'g', 'null', 'global', '\u0000'],
    (id) => `never takes the global project for the one named ${JSON.stringify(id)}`,
    async (id, kit: Kit) => {
      const { control, create, list } = controlKit(kit);
      const name = `global-${freshRef().uid}`;
      await create(null, name);
      expect(await control.findQueue(id, name)).toBeNull();
      expect(await list(id)).not.toContain(name);
      await create(id, `${name}-named`);
      expect(await control.findQueue(null, `${name}-named`)).toBeNull();
      expect(await list(null)).not.toContain(`${name}-named`);
    },
  ),
});
