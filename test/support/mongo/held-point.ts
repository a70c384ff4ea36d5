import type { Document } from 'mongodb';
import type { Point } from './points.js';
import type { Fate, Match, Passing, WireProxy } from './wire-proxy.js';

/** What becomes of what is held: it goes on, or it is lost with its connection. */
export type Release = 'pass' | 'drop';

/** A core that is held at a point. */
export interface HeldPoint {
  /** Resolves when its command is held there. */
  readonly reached: Promise<unknown>;
  /** Lets go of what is held; gives up when nothing has come. */
  release(how: Release): void;
}

/** Holds the next command that comes to the point and that names the queue, by its name or incarnation. */
export function holdAt(proxy: WireProxy, { match, cut }: Point, queue: readonly string[]): HeldPoint {
  let letGo: (how: Release) => void = () => undefined;
  const released = new Promise<Release>((resolve) => (letGo = resolve));
  const own: Match = (command) => match(command) && names(command, queue);
  if (cut !== 'half') {
    const { reached, disarm } = proxy.once({ match: own, moment: cut, act: () => released });
    return { reached, release: (how) => (disarm(), letGo(how)) };
  }
  // Half a command has no answer: what breaks in the middle of it breaks the connection too.
  const end = async (): Promise<Fate> => (await released, 'drop');
  const sent = proxy.once({ match: own, moment: 'before', act: () => firstHalf });
  const done = proxy.once({ match: own, moment: 'after', act: end });
  return { reached: done.reached, release: (how) => (sent.disarm(), done.disarm(), letGo(how)) };
}

/** True for a command that names the queue. */
export function names({ body }: Passing, queue: readonly string[]): boolean {
  const text = JSON.stringify(body);
  return queue.some((name) => text.includes(`"${name}"`));
}

/** The command with the first half of its statements or documents. */
function firstHalf(command: Document): Document {
  const entries = Object.entries(command).map(([field, value]): [string, unknown] => {
    const isList = ['documents', 'updates', 'deletes'].includes(field) && Array.isArray(value);
    return [field, isList ? value.slice(0, Math.floor(value.length / 2)) : value];
  });
  return Object.fromEntries(entries);
}
