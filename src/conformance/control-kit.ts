import type { Project } from '../domain/principal.js';
import { freshRef } from './fresh.js';
import type { Kit } from './kit.js';

let projects = 0;

/** A project that no other case uses. */
export function freshProject(): string {
  return `project ${++projects}`;
}

/** Names "q00", "q01" and so on, in byte order. */
export function queueNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `q${String(index).padStart(2, '0')}`);
}

/** The control store of a storage under test, with the steps that its cases repeat. */
export function controlKit(kit: Kit) {
  const { control } = kit.storage;
  return {
    control,
    /** Creates a queue with an incarnation of its own. */
    create: (project: Project, name: string) => control.createQueue(project, name, freshRef(), kit.now),
    /** The names of one page of queues. */
    list: async (project: Project, after = '', limit = 100) =>
      (await control.listQueues({ project, after, limit })).map(({ name }) => name),
  };
}
