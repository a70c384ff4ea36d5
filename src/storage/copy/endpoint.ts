import { printable } from '../../domain/printable.js';
import type { Project } from '../../domain/principal.js';
import type { Millis } from '../../domain/time.js';
import type { Storage, Transfer } from '../ports/index.js';

/** A storage that can be copied as a whole. */
export type Endpoint = Storage & { readonly transfer: Transfer };

/** The storage as one end of a copy; null when it cannot be one. */
export function asEndpoint(storage: Storage): Endpoint | null {
  return storage.transfer === null ? null : (storage as Endpoint);
}

/** The time of both: what is over on one of them is over. */
export function timeOf(source: Endpoint, target: Endpoint): Millis {
  return Math.max(source.clock.now(), target.clock.now());
}

/** A queue's name for people. */
export function queueLabel({ project, name }: { readonly project: Project; readonly name: string }): string {
  return `queue ${name} of ${project === null ? 'the global project' : `project ${printable(project)}`}`;
}
