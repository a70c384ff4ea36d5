import type { Settings } from '../../config/index.js';
import { redactUri } from '../../domain/redact-uri.js';
import { MarconiError } from '../../errors/marconi-error.js';
import {
  inspectMongo,
  openMongo,
  topologyText,
  type MongoInspection,
  type MongoOptions,
} from '../../storage/drivers/mongodb/index.js';
import type { Endpoint } from '../../storage/copy/index.js';
import { openEndpoint } from '../open-endpoint.js';
import { countReport } from './count-report.js';
import { countStorage, type Countable } from './count.js';
import type { StorageTools, ToolReport } from './tools.js';

/** The upkeep of a MongoDB database; backups are made by the database's own tools. */
export function mongodbTools(uri: string, database: string, settings: Settings): StorageTools {
  const options: MongoOptions = { uri, database, ...settings.mongodb };
  return {
    check: async () => checkReport(redactUri(uri), await inspectMongo(options)),
    init: () => init(options),
    stats: (largest) => stats(options, settings, largest),
    files: null,
  };
}

function checkReport(storage: string, inspection: MongoInspection): ToolReport {
  const { problems } = inspection;
  const verdict = problems.length === 0 ? 'no fault found' : `${problems.length} faults found`;
  const text = [
    `${storage}: ${verdict} (${factsText(inspection)})`,
    ...[...problems, ...notes(inspection)].map((line) => `  ${line}`),
  ];
  return {
    text: text.join('\n'),
    data: { storage, durability: DURABILITY, ...inspection },
    damaged: problems.length > 0,
  };
}

const DURABILITY = 'majority';

function factsText({ version, wireVersion, topology, clockAheadMs, clockErrorMs, ...rest }: MongoInspection): string {
  const there = rest.indexes.filter(({ state }) => state !== 'missing').length;
  return [
    `version ${version}`,
    `wire version ${wireVersion}`,
    topologyText(topology),
    'writes by majority and journal',
    `its clock ${clockAheadMs} ms from ours (± ${clockErrorMs} ms)`,
    rest.schemaVersion === null ? 'no schema' : `schema ${rest.schemaVersion}`,
    `${there} of ${rest.indexes.length} indexes`,
  ].join(', ');
}

/** What is no fault, but worth knowing. */
function notes({ topology, indexes }: MongoInspection): readonly string[] {
  const plain = indexes.filter(({ state }) => state === 'plain').map(({ name }) => name);
  return [
    ...(topology.kind === 'single server' ? ['note: one server alone is its own majority: for trying things out'] : []),
    ...(topology.arbiters > 0 ? ['note: with an arbiter, one node with data that is down may stop every write'] : []),
    ...(plain.length > 0 ? [`note: this server does without the TTL or the filter of ${plain.join(', ')}`] : []),
  ];
}

async function init(options: MongoOptions): Promise<ToolReport> {
  const before = await inspectMongo(options);
  await (await openMongo(options)).close();
  const missing = before.indexes.filter(({ state }) => state === 'missing').map(({ name }) => name);
  const created = [...(before.schemaVersion === null ? ['schema'] : []), ...missing];
  const storage = redactUri(options.uri);
  const what =
    created.length === 0 ? 'everything is there already, nothing was changed' : `created ${created.join(', ')}`;
  return { text: `${storage}: ${what}`, data: { storage, created }, damaged: false };
}

/** Refuses a database that is not prepared: opening it would prepare it. */
async function stats(options: MongoOptions, settings: Settings, largest: number): Promise<ToolReport> {
  const { schemaVersion, bytes } = await inspectMongo(options);
  const storage = redactUri(options.uri);
  if (schemaVersion === null) throw new MarconiError('STORAGE_UNAVAILABLE', `${storage} holds no storage of Marconi.`);
  const endpoint = await openEndpoint(settings);
  try {
    return countReport(storage, bytes, await countStorage(countable(endpoint), largest));
  } finally {
    await endpoint.close();
  }
}

function countable({ transfer, messages, clock }: Endpoint): Countable {
  const now = clock.now();
  return {
    now,
    queues: (after, limit) => transfer.queues(after, limit),
    stats: (queue) => messages.stats(queue, now),
  };
}
