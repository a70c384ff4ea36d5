/** The part of the conformance suite that one client at a time can run, on servers that are not made for more. */
import { describeStorage, type PlannedCase } from '../../src/conformance/index.js';
import { exceptionsOn } from '../support/mongo/exceptions.js';
import { startFerretDb } from '../support/mongo/ferretdb.js';
import { mongoFactory, type MongoFactoryOptions } from '../support/mongo/mongo-factory.js';
import { startSecantus } from '../support/mongo/secantus.js';

const LONG = process.env.MARCONI_TEST_TIER === 'long';

/** Areas whose cases have several writers at once, or read beside one. */
const AT_ONCE = ['sharing at once', 'reading beside writing', 'batches at once'];

/**
 * With FerretDB one command after another goes through one connection: its updates are not atomic. It reads the whole
 * collection for each statement of a bulk write, so that a large one has minutes.
 */
const FERRETDB = { tuning: { maxPoolSize: 1, ...(LONG ? { timeoutMs: 200_000 } : {}) }, apart: LONG };
const OF_TWO_CLIENTS = ['sharing', 'signals'];

/** Hundreds of messages: where a server reads them all for each statement, these are for the long tier. */
const HEAVY = [
  'posting > keeps the order of a large post and of many posts (F1)',
  'posting > goes on after the largest number of messages of one post, index by index',
  'listing > shows each of many posters all messages but its own, also those of no poster',
  'listing > finds the one foreign message among 500 own, from either side',
  'reads > see every acknowledged write at once',
  'reads > see a post whole or not at all while it is being stored (F4)',
  'claiming > skips a claimed stretch of any length',
  'statistics > move their ends when the messages there go',
  'statistics > agree with the full listing at every moment of a long life',
  'expiry > leaves the rest in order when a stretch in the middle expires',
  'sweeping > frees what is over, a budget at a time, until nothing more is due',
  'sweeping > frees the rows of a fenced queue',
];

interface Server extends MongoFactoryOptions {
  readonly name: string;
  readonly without: readonly string[];
  readonly apart?: boolean;
}

const SERVERS: readonly Server[] = [
  { name: 'SecantusDB', start: () => startSecantus(), without: AT_ONCE },
  {
    name: 'FerretDB on SQLite',
    start: () => startFerretDb({ backend: 'sqlite' }),
    ...FERRETDB,
    without: [...AT_ONCE, ...OF_TWO_CLIENTS],
  },
  {
    name: 'FerretDB on PostgreSQL',
    start: () => startFerretDb({ backend: 'postgresql' }),
    ...FERRETDB,
    without: [...AT_ONCE, ...OF_TWO_CLIENTS],
  },
];

/** In the CI tier once, without the sweeping that follows every step in the other round. */
const inTier = ({ id, round }: PlannedCase): boolean => LONG || (round?.swept !== true && !HEAVY.includes(id));

describe.each(SERVERS)('$name', ({ name, without, apart = false, ...options }) => {
  const factory = mongoFactory(options);
  const wanted = (planned: PlannedCase): boolean => inTier(planned) && !without.includes(planned.area.name);
  const caseMs = LONG ? 500_000 : 30_000;
  describeStorage('mongodb', factory, { wanted, caseMs, apart, exceptions: exceptionsOn(name) });
  afterAll(() => factory.stop());
});
