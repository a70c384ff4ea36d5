import { setTimeout as sleep } from 'node:timers/promises';
import { History, Producer, Reader, Worker, type QueueAccess } from '../../support/history/index.js';
import { DOOR_GRACE, DOOR_TTL, overDoor } from '../../support/load/door-access.js';
import { untilStopped } from '../../support/load/history-load.js';
import { CLAIM_TTL, type Way } from '../../support/load/ways.js';
import { Random } from '../../support/random.js';
import { Journal } from '../mortal/journal.js';
import { Link } from '../mortal/link.js';
import { producerMemory, readerMemory } from '../mortal/memory.js';
import type { News } from '../mortal/news.js';

/** Clients of a role in one process. */
const EACH = [1, 2, 3];
/** A post is given up by nobody, however often the node dies over it. */
const PRODUCER = { batch: 10, ttls: [DOOR_TTL], repeats: 0.05, attempts: 10_000, restMs: 20 };
const WORKER = { limit: 20, ttl: CLAIM_TTL, grace: DOOR_GRACE, finish: 12, part: 2, renew: 1, release: 1, idle: 0 };
const PAGE = 20;
/** Messages in the queue from which on nobody posts, and the milliseconds between two looks at them. */
const BACKLOG = 8_000;
const LOOK_MS = 250;

interface Step {
  step(): Promise<number | null>;
}

const [role = '', way, file = '', queue = '', life = '', seed = ''] = process.argv.slice(2) as [string, Way];
const random = new Random(Number(seed));
const journal = new Journal(file);
const past = new History().absorb(journal.past).records();
const history = new History({ origin: `${role}-${way}-${life}`, onLine: (line) => journal.write(line) });
const link = new Link(way);
const stopped = new AbortController();

/** Those that post; each goes on where it was killed. */
async function produce(door: QueueAccess): Promise<void> {
  let backlog = 0;
  const look = async (): Promise<number> => {
    backlog = await link.door().then((client) => client.total(queue));
    await sleep(LOOK_MS);
    return backlog;
  };
  // A look that fails is one at a node that was just killed.
  const looking = untilStopped({ step: () => look().catch(() => null) }, stopped.signal);
  const producing = EACH.map(async (n) => {
    const name = `producer-${way}-${n}`;
    const producer = new Producer(door, history, name, PRODUCER, random, producerMemory(past, name));
    await producer.resume();
    const step = async (): Promise<number | null> => (backlog < BACKLOG ? producer.step() : null);
    await untilStopped({ step }, stopped.signal);
  });
  await Promise.all([looking, ...producing]);
}

/** Those that take, and one that only reads, from the marker that it kept. */
async function work(door: QueueAccess): Promise<void> {
  const workers = EACH.map((n) => new Worker(door, history, `worker-${way}-${n}`, WORKER, random));
  const name = `reader-${way}`;
  const reader = new Reader(door, history, name, PAGE, readerMemory(past, name));
  const clients: Step[] = [...workers, reader];
  await Promise.all(clients.map((client) => untilStopped(client, stopped.signal)));
}

function hear(news: News): void {
  if (news.kind === 'stop') return stopped.abort();
  link.close();
  if (news.kind === 'up') link.open(news.addresses);
}

const door = overDoor(queue, () => link.door());
process.on('message', hear);
// Without its test it has nothing to do.
process.on('disconnect', () => process.exit());
(role === 'producer' ? produce(door) : work(door))
  .then(() => process.exit())
  .catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
