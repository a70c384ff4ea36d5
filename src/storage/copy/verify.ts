import type { WholeQueue } from '../ports/index.js';
import { Accountant, type Account } from './account.js';
import { queueLabel, timeOf, type Endpoint } from './endpoint.js';
import { queuePages } from './pages.js';

/** How two storages compare. */
export interface Verification {
  readonly source: Account;
  /** Of those queues of the target that the source has. */
  readonly target: Account;
  readonly identical: boolean;
  /** Queues of the source that the target lacks or has otherwise, named, at most 20. */
  readonly differing: readonly string[];
  /** Queues of the target that the source does not have. */
  readonly others: number;
}

/** Queues that are named at the most. */
const MOST = 20;

/**
 * Compares what both storages read back, each by itself, at one time of both. Keeps pages of messages, and a digest for
 * each queue. `onMessages` is told of messages as they are read.
 */
export async function verifyCopy(
  source: Endpoint,
  target: Endpoint,
  onMessages: (count: number) => void,
): Promise<Verification> {
  const now = timeOf(source, target);
  const [mine, theirs] = [source, target].map(({ transfer }) => new Accountant(transfer, now, onMessages)) as [
    Accountant,
    Accountant,
  ];
  const unmatched = new Map<string, string>();
  for await (const page of queuePages(source.transfer)) {
    for (const queue of page) unmatched.set(queue.ref.uid, await mine.add(queue));
  }
  let others = 0;
  for await (const page of queuePages(target.transfer)) {
    const shared = await known(source, page);
    others += page.length - shared.length;
    for (const queue of shared) {
      if ((await theirs.add(queue)) === unmatched.get(queue.ref.uid)) unmatched.delete(queue.ref.uid);
    }
  }
  const identical = unmatched.size === 0 && mine.account.checksum === theirs.account.checksum;
  const differing = await labels(source, unmatched);
  return { source: mine.account, target: theirs.account, identical, differing, others };
}

async function known({ control }: Endpoint, page: readonly WholeQueue[]): Promise<readonly WholeQueue[]> {
  const uids = await control.namedUids(page.map(({ ref }) => ref.uid));
  return page.filter(({ ref }) => uids.has(ref.uid));
}

async function labels({ transfer }: Endpoint, uids: ReadonlyMap<string, unknown>): Promise<readonly string[]> {
  const found: string[] = [];
  if (uids.size === 0) return found;
  for await (const page of queuePages(transfer)) {
    found.push(...page.filter(({ ref }) => uids.has(ref.uid)).map(queueLabel));
    if (found.length >= MOST) break;
  }
  return found.slice(0, MOST);
}
