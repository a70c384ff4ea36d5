import type { Document } from 'mongodb';

/** What kind of installation answers. */
export interface Topology {
  readonly kind: 'replica set' | 'sharded cluster' | 'single server';
  /** The replica set's name; empty for others. */
  readonly name: string;
  /** Members that hold data; 0 where that is not told. */
  readonly members: number;
  /** Members that only vote. */
  readonly arbiters: number;
}

/** Reads the answer to `hello`. */
export function topologyOf(hello: Document): Topology {
  if (hello['msg'] === 'isdbgrid') return { kind: 'sharded cluster', name: '', members: 0, arbiters: 0 };
  const { setName } = hello;
  if (typeof setName !== 'string') return { kind: 'single server', name: '', members: 1, arbiters: 0 };
  const members = count(hello['hosts']) + count(hello['passives']);
  return { kind: 'replica set', name: setName, members, arbiters: count(hello['arbiters']) };
}

/** The topology in words. */
export function topologyText({ kind, name, members, arbiters }: Topology): string {
  if (kind !== 'replica set') return kind;
  const voters = arbiters === 0 ? '' : ` and ${arbiters} arbiters`;
  return `replica set ${name} of ${members} members with data${voters}`;
}

const count = (list: unknown): number => (Array.isArray(list) ? list.length : 0);
