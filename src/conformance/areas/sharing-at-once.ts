import { expect } from 'expect';
import type { StoredMessage } from '../../storage/ports/index.js';
import { ownArea } from '../area.js';
import { lookWhile, pause } from '../beside.js';
import { SECOND, SIGNALS } from '../facts.js';
import { MarkerReader } from '../marker-reader.js';
import { Pair } from '../pair.js';
import type { QueueKit } from '../queue-kit.js';

/** Takers try so often at the most: one may get nothing while another holds what it looked at (C3). */
const MOST_TRIES = 10_000;

async function postMany(queue: QueueKit, posts: number, poster: string, posted: string[][]): Promise<void> {
  for (let post = 0; post < posts; post++) posted.push(await queue.post(1 + (post % 4), { poster }));
}

/** Takes by `take` until all are taken, by whoever. */
async function takeMany(take: () => Promise<readonly StoredMessage[]>, taken: string[], total: number): Promise<void> {
  for (let tries = 0; taken.length < total && tries < MOST_TRIES; tries++)
    taken.push(...(await take()).map(({ id }) => id));
}

const claimThree = (queue: QueueKit) => async () => (await queue.tryClaim({ limit: 3 }))?.messages ?? [];

const popThree = (queue: QueueKit) => () => queue.pop(3);

/** Two instances on one storage, both at work at once. */
export const sharingAtOnce = ownArea(
  'sharing at once',
  {
    'keeps posts of both whole and in one order, for readers of both (P2, P3)': async (workshop) => {
      const queues = await (await Pair.open(workshop)).queue();
      const posted: [string[][], string[][]] = [[], []];
      const readers = queues.map((queue) => new MarkerReader(queue, 7));
      const posters = ['1'.repeat(32), '2'.repeat(32)] as const;
      const writing = Promise.all([
        postMany(queues[0], 20, posters[0], posted[0]),
        postMany(queues[1], 20, posters[1], posted[1]),
      ]);
      await lookWhile(writing, async () => void (await Promise.all(readers.map((reader) => reader.read()))));
      const order = readers[0]!.seen;
      expect(readers[1]!.seen).toEqual(order);
      for (const own of posted) {
        const wanted = new Set(own.flat());
        expect(order.filter((id) => wanted.has(id))).toEqual(own.flat());
      }
      expect(order).toHaveLength(posted.flat(2).length);
      for (const post of posted.flat()) {
        const from = order.indexOf(post[0]!);
        expect(order.slice(from, from + post.length)).toEqual(post);
      }
    },

    'gives each message to one claim, with takers on both (P4)': async (workshop) => {
      const [mine, theirs] = await (await Pair.open(workshop)).queue();
      const ids = await mine.post(120);
      const taken: string[] = [];
      await Promise.all([mine, theirs, mine, theirs].map((queue) => takeMany(claimThree(queue), taken, ids.length)));
      expect([...taken].sort()).toEqual([...ids].sort());
      expect(await theirs.counts()).toEqual([120, 0, 120]);
      expect((await mine.list({ includeClaimed: true, limit: 200 })).map(({ epoch }) => epoch)).toEqual(
        ids.map(() => 1),
      );
    },

    'gives each message to one pop, with takers on both': async (workshop) => {
      const [mine, theirs] = await (await Pair.open(workshop)).queue();
      const ids = await mine.post(90);
      const taken: string[] = [];
      await Promise.all([mine, theirs, mine, theirs].map((queue) => takeMany(popThree(queue), taken, ids.length)));
      expect([...taken].sort()).toEqual([...ids].sort());
      expect(await theirs.counts()).toEqual([0, 0, 0]);
    },

    'acknowledges each message once, with both trying': async (workshop) => {
      const queues = await (await Pair.open(workshop)).queue();
      const ids = await queues[0].post(20);
      const claim = await queues[0].claim({ limit: 20 });
      const answers = await Promise.all(queues.map((queue) => queue.acknowledge(claim.id, ids)));
      const acknowledged = ids.map((_, index) => answers.filter((one) => one[index] === 'acknowledged').length);
      expect(acknowledged).toEqual(ids.map(() => 1));
      for (const queue of queues) expect(await queue.counts()).toEqual([0, 0, 0]);
    },

    'sweeps beside use, and touches nothing alive': async (workshop) => {
      const pair = await Pair.open(workshop);
      const [mine, theirs] = await pair.queue();
      await mine.post(Array.from({ length: 100 }, () => ({ ttl: 60 })));
      pair.advance(60);
      const kept: string[] = [];
      const using = async () => {
        for (let round = 0; round < 10; round++) {
          kept.push(...(await mine.post(2)));
          const { id } = await mine.claim({ limit: 1 });
          expect(await mine.release(id)).toBe(1);
        }
      };
      await lookWhile(using(), async () => void (await theirs.kit.storage.messages.sweep(theirs.kit.now, 50)));
      expect(await theirs.ids()).toEqual(kept);
      expect(await mine.counts()).toEqual([0, 20, 20]);
    },
  },
  SECOND,
);

/** Hints of what others do; one may be lost, not all. */
export const signals = ownArea(
  'signals',
  {
    'tell an instance soon of what the other posts': async (workshop) => {
      const [mine, theirs] = await (await Pair.open(workshop)).queue();
      let told = 0;
      const unwatch = mine.kit.storage.signals!.watch(mine.ref.uid, () => told++);
      for (let posts = 0; told === 0 && posts < 25; posts++) {
        await theirs.post(1);
        await pause(200);
      }
      unwatch();
      expect(told).toBeGreaterThan(0);
    },
  },
  SIGNALS,
);
