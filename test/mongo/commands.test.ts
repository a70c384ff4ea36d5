import { MongoClient } from 'mongodb';
import { Kit } from '../../src/conformance/kit.js';
import { openMemory } from '../../src/storage/drivers/memory/index.js';
import { createClient } from '../../src/storage/drivers/mongodb/client.js';
import { collectionsOf } from '../../src/storage/drivers/mongodb/collections.js';
import { MongoControlStore } from '../../src/storage/drivers/mongodb/control-store.js';
import { INDEXES } from '../../src/storage/drivers/mongodb/indexes.js';
import { MongoMessageStore } from '../../src/storage/drivers/mongodb/message-store.js';
import { CommandMonitor } from '../support/mongo/command-monitor.js';
import { boundFaults, concernFaults, hotFaults } from '../support/mongo/command-rules.js';
import { indexFor, type IndexUse } from '../support/mongo/index-judge.js';
import type { MongoServer } from '../support/mongo/mongo-process.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';
import { operatorsOf, queriesOf, type Query } from '../support/mongo/recorded-command.js';
import { RESIDUALS } from '../support/mongo/residuals.js';
import { runEverything, type Run } from '../support/mongo/scripted/index.js';
import { freshDatabase } from '../support/mongo/watched-storage.js';

let server: MongoServer;
let run: Run;

beforeAll(async () => {
  server = await startMongoJavaServer({ backend: 'memory' });
  run = await runEverything(server.uri);
});

afterAll(() => server.stop());

/** What the rule finds wrong, with the operations that it is found in. */
function found(steps: Run['steps'], rule: typeof hotFaults): readonly string[] {
  return steps.flatMap(({ name, commands }) => commands.flatMap(rule).map((fault) => `${name}: ${fault}`));
}

describe('the commands of every operation', () => {
  it('wait for a majority and the journal, and read what a majority has from the primary', () => {
    expect(run.commands.flatMap(concernFaults)).toEqual([]);
    expect(new Set(run.commands.map(({ name }) => name))).toEqual(
      new Set([
        ...['find', 'aggregate', 'distinct', 'listIndexes', 'createIndexes'],
        ...['insert', 'update', 'delete', 'findAndModify'],
      ]),
    );
  });

  it('are bounded, and no part of a transaction', () => {
    expect(found(run.steps, boundFaults)).toEqual([]);
  });

  it('ask one shard and change single documents where a caller waits', () => {
    const hot = run.steps.filter(({ background }) => !background);
    expect(found(hot, hotFaults)).toEqual([]);
  });

  it('delete many documents in one statement only where the rows of a fenced queue are freed', () => {
    const many = run.steps.filter(({ commands }) => commands.flatMap(queriesOf).some((query) => query.many));
    expect(many.map(({ name }) => name)).toEqual(['free the rows of a fenced queue', 'free the rest of them']);
  });
});

describe('the declared indexes', () => {
  it('serve every query, with no more to be read than is stated', () => {
    const unserved = run.steps.flatMap(({ name, commands }) =>
      commands.flatMap(queriesOf).flatMap((query) => (useOf(query) ? [] : [`${name}: ${JSON.stringify(query)}`])),
    );
    expect(unserved).toEqual([]);
  });

  it('find what is free past all that is held, unless the ends of too many claims would have to be named', () => {
    const pastHeld = run.steps.filter(({ commands }) =>
      commands
        .flatMap(queriesOf)
        .some(({ filter }) => operatorsOf(filter['due'])?.['$lte'] !== undefined && filter['k']),
    );
    expect(pastHeld.map(({ name }) => name)).toEqual(['list among many ended claims', 'claim among many ended claims']);
  });

  it('are all used, and so is every statement of what has to be read beside', () => {
    const uses = run.steps.flatMap(({ commands }) =>
      commands.flatMap(queriesOf).map((query) => ({ ...useOf(query), collection: query.collection })),
    );
    const used = new Set(uses.map(({ collection, index }) => `${collection}.${index}`));
    // The server alone uses this one.
    const unused = INDEXES.map(({ collection, name }) => `${collection}.${name}`).filter((name) => !used.has(name));
    expect(unused).toEqual(['heads.forget']);
    const read = new Set(
      uses.flatMap(({ collection, index, residual, unique }) =>
        unique ? [] : (residual ?? []).map((field) => `${collection}.${index}: ${field}`),
      ),
    );
    expect([...read].sort()).toEqual(RESIDUALS.map((r) => `${r.collection}.${r.index}: ${r.field}`).sort());
  });
});

describe('a planted fault is found', () => {
  it.each([
    ['a write that does not wait for a majority', { w: 1 }, 'majority', /waits for .*"w":1/],
    ['a write that does not wait for the journal', { w: 'majority' }, 'majority', /waits for {"w":"majority"}/],
    ['a read of what may be lost', { w: 'majority', journal: true }, 'local', /reads with .*local/],
  ] as const)('%s', async (_name, writeConcern, level, fault) => {
    const monitor = new CommandMonitor();
    const { started, succeeded, failed } = monitor.listener;
    const client = new MongoClient(server.uri, { writeConcern, readConcern: { level }, monitorCommands: true });
    client.on('commandStarted', started).on('commandSucceeded', succeeded).on('commandFailed', failed);
    try {
      const collections = collectionsOf(client.db(freshDatabase()));
      const messages = new MongoMessageStore(collections);
      const control = new MongoControlStore(collections.queues);
      const kit = new Kit({ ...openMemory(), messages, control }, false);
      const queue = await kit.queue();
      await queue.post(1);
      await queue.claim();
      await control.createQueue(null, 'q', queue.ref, kit.now);
      await control.findQueue(null, 'q');
      await monitor.quiet();
      const commands = monitor.commands.filter((command) => concernFaults(command).length > 0);
      expect(commands.flatMap(concernFaults)[0]).toMatch(fault);
      const expected = level === 'local' ? ['find'] : ['insert', 'update', 'findAndModify'];
      expect([...new Set(commands.map(({ name }) => name))]).toEqual(expect.arrayContaining([...expected]));
      expect(commands.map(({ collection }) => collection)).toContain('queues');
    } finally {
      await client.close();
    }
  });

  it.each([
    ['by a field that is in none', { type: 'text/plain' }, {}],
    ['in the order of a field that is in none', { k: { $gt: 5 } }, { at: 1 }],
    ['in an order that its range does not have', { cl: { $gt: '' } }, { k: 1 }],
  ] as const)('a query without an index: %s', async (_name, filter, sort) => {
    const monitor = new CommandMonitor();
    const database = freshDatabase();
    const client = createClient({ uri: server.uri, database, commands: monitor.listener });
    try {
      await collectionsOf(client.db(database)).messages.find({ uid: 'u', ...filter }, { sort, limit: 1 });
      const [query] = monitor.commands.flatMap(queriesOf);
      expect(query).toMatchObject({ collection: 'messages', sort });
      expect(useOf(query as Query)).toBeNull();
    } finally {
      await client.close();
    }
  });
});

function useOf(query: Query): IndexUse | null {
  return indexFor(query, INDEXES, RESIDUALS);
}
