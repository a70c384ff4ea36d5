import type {
  AcknowledgeIfHolderOp,
  ClaimNextOp,
  ReleaseIfLiveOp,
  RenewIfLiveOp,
} from '../../../src/storage/ports/index.js';
import type { Command } from '../store/model-collection.js';
import { START, type Actor, type Scenario, type Script } from '../world/model-world.js';
import { begun, opened, post, posting, UID, unseen } from '../world/scripts.js';

const queue = { uid: UID, pool: 'default' };
const TTL = 10;

/** Claims messages at any moment; their ids. */
async function claim(actor: Actor, name: string, limit: number, grace = 5): Promise<readonly string[]> {
  const now = await begun(actor, `claim ${name}`);
  const op: ClaimNextOp = { kind: 'claimNext', queue, claim: name, ttl: TTL, grace, limit, maxBytes: 1_000 };
  const [outcome] = await actor.takers.take(UID, [op], now, 0);
  if (outcome?.kind !== 'claimed') return [];
  actor.world.claims.claimed(name, outcome.claim.messages);
  return outcome.claim.messages.map(({ id }) => id);
}

/** Claims, and does nothing with it. */
export const claiming =
  (name: string, limit: number, grace?: number): Script =>
  async (actor) => {
    await claim(actor, name, limit, grace);
  };

/** Claims, and acknowledges at any later moment what it got. */
const working =
  (name: string, limit: number): Script =>
  async (actor) => {
    const ids = await claim(actor, name, limit);
    if (ids.length === 0) return;
    const now = await begun(actor, `acknowledge ${name}`);
    const op: AcknowledgeIfHolderOp = { kind: 'acknowledgeIfHolder', queue, claim: name, ids };
    const [outcome] = await actor.settlers.settle(UID, [op], now);
    if (outcome?.kind === 'acknowledged') actor.world.claims.acknowledged(name, ids, outcome.outcomes);
  };

/** Claims, and then releases or renews. */
export const settling =
  (name: string, limit: number, kind: 'releaseIfLive' | 'renewIfLive'): Script =>
  async (actor) => {
    const ids = await claim(actor, name, limit);
    if (ids.length === 0) return;
    const now = await begun(actor, `${kind} ${name}`);
    const release: ReleaseIfLiveOp = { kind: 'releaseIfLive', queue, claim: name };
    const renew: RenewIfLiveOp = { kind: 'renewIfLive', queue, claim: name, ttl: TTL, grace: 0 };
    await actor.settlers.settle(UID, [kind === 'releaseIfLive' ? release : renew], now);
  };

const popping =
  (limit: number): Script =>
  async (actor) => {
    const now = await begun(actor, 'pop');
    await actor.takers.take(UID, [{ kind: 'popNext', queue, limit, maxBytes: 1_000 }], now, 0);
  };

/** As `unseen`; nor is the look for claims that are over, made once, where all of them end later. */
export function unseenByClaims(command: Command): boolean {
  return command.method === 'distinct' || unseen(command);
}

/** Lets time go on, at any moment, to the end of the first claims. */
const passing: Script = async ({ core, world }) => {
  await world.scheduler.moment(core, 'time passes');
  world.now = START + TTL * 1000;
};

/** Lets go of what claims that are over hold, as sweeping does. */
const letting: Script = async (actor) => {
  const now = await begun(actor, 'sweeping');
  await actor.sweeping.sweep(now + 2_000, 1_000);
};

/** Opens the queue and posts so many messages, which live so many seconds. */
export const filled =
  (count: number, ttl?: number): Script =>
  async (actor) => {
    await opened(UID)(actor);
    await post(actor, UID, [{ name: 'a', count, ...(ttl === undefined ? {} : { ttl }) }]);
  };

const base = { consumes: true, eager: unseenByClaims };

/** Claims against each other. */
export const CLAIMS: readonly Scenario[] = [
  { ...base, name: 'two takers, two messages', setup: filled(2), actors: { A: claiming('a', 2), B: claiming('b', 2) } },
  {
    ...base,
    name: 'three takers, one message',
    setup: filled(1),
    actors: { A: claiming('a', 1), B: claiming('b', 1), C: popping(1) },
  },
  {
    ...base,
    name: 'two takers that acknowledge, time passing',
    setup: filled(1),
    actors: { A: working('a', 1), B: working('b', 1), T: passing },
  },
  {
    ...base,
    name: 'a holder that releases, a taker, time passing',
    setup: filled(1),
    actors: { A: settling('a', 1, 'releaseIfLive'), B: working('b', 1), T: passing },
  },
  {
    ...base,
    name: 'a holder that renews, a taker, time passing',
    setup: filled(1),
    actors: { A: settling('a', 1, 'renewIfLive'), B: working('b', 1), T: passing },
  },
  {
    ...base,
    name: 'a taker beside a poster',
    setup: opened(UID),
    actors: { A: posting([{ name: 'a', count: 2 }]), B: working('b', 2) },
  },
  {
    ...base,
    name: 'two takers, an answer lost',
    setup: filled(1),
    actors: { A: working('a', 1), B: working('b', 1) },
    faults: { losses: 1, to: ['A'] },
  },
  {
    ...base,
    name: 'two takers, time passing, sweeping',
    setup: filled(1),
    actors: { A: working('a', 1), B: claiming('b', 1), T: passing, S: letting },
  },
];
