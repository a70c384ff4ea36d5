import type { Db, Document, MongoClient } from 'mongodb';
import { createClient } from '../client.js';
import { sight } from '../clock.js';
import { firstSighting } from '../clock-keeper.js';
import { collectionsOf } from '../collections.js';
import { compareIndex, presentIndexes } from '../ensure-indexes.js';
import { INDEXES } from '../indexes.js';
import { unopenable } from '../opening-error.js';
import type { MongoOptions } from '../options.js';
import { SCHEMA } from '../schema.js';
import { refuseUriOptions } from '../uri.js';
import type { InspectedIndex, MongoFacts } from './facts.js';
import { findProblems } from './problems.js';
import { topologyOf } from './topology.js';

/** The facts, with what is wrong about them: one line each. */
export interface MongoInspection extends MongoFacts {
  readonly problems: readonly string[];
}

/**
 * Looks at a database and changes nothing, also while cores use it. Rejects with STORAGE_UNAVAILABLE, as opening does,
 * when it cannot be reached or must not be used.
 */
export async function inspectMongo(options: MongoOptions): Promise<MongoInspection> {
  refuseUriOptions(options.uri);
  let client: MongoClient | undefined;
  try {
    client = createClient(options);
    await client.connect();
    const facts = await factsOf(client, client.db(options.database));
    return { ...facts, problems: findProblems(facts) };
  } catch (error) {
    throw unopenable(error);
  } finally {
    await client?.close();
  }
}

async function factsOf(client: MongoClient, db: Db): Promise<MongoFacts> {
  const admin = client.db('admin');
  const hello = await admin.command({ hello: 1 });
  const { version } = await admin.command({ buildInfo: 1 });
  return {
    version: String(version),
    wireVersion: Number(hello['maxWireVersion']),
    topology: topologyOf(hello),
    schemaVersion: await schemaOf(db),
    ...(await clockOf(admin)),
    indexes: await indexesOf(db),
    bytes: await bytesOf(db),
  };
}

async function schemaOf(db: Db): Promise<number | null> {
  const found = await collectionsOf(db).meta.findOne({ _id: SCHEMA });
  return found === null ? null : Number(found['version']);
}

async function clockOf(admin: Db): Promise<Pick<MongoFacts, 'clockAheadMs' | 'clockErrorMs'>> {
  const ask = async (): Promise<number> =>
    ((await admin.command({ hello: 1 })) as { localTime: Date }).localTime.getTime();
  const { offset, error } = await firstSighting(() => sight(ask, monotonic));
  return { clockAheadMs: Math.round(offset + monotonic() - Date.now()), clockErrorMs: Math.ceil(error) };
}

const monotonic = (): number => performance.now();

async function indexesOf(db: Db): Promise<readonly InspectedIndex[]> {
  const inspected: InspectedIndex[] = [];
  for (const collection of new Set(INDEXES.map((index) => index.collection))) {
    const present = await presentIndexes(db, collection);
    for (const index of INDEXES.filter((other) => other.collection === collection)) {
      const found = present.get(index.name);
      const state = found === undefined ? 'missing' : compareIndex(index, found);
      inspected.push({ name: `${collection}.${index.name}`, state });
    }
  }
  return inspected;
}

/** Not every server, and not every user, may tell. */
async function bytesOf(db: Db): Promise<number | null> {
  const stats: Document | null = await db.command({ dbStats: 1 }).catch(() => null);
  const bytes = Number(stats?.['storageSize']) + Number(stats?.['indexSize']);
  return Number.isFinite(bytes) ? bytes : null;
}
