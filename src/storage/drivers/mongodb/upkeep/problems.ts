import { MAX_ERROR_MS } from '../clock.js';
import { SCHEMA_VERSION } from '../schema.js';
import type { InspectedIndex, MongoFacts } from './facts.js';

/** What keeps a core from serving this database, or from keeping its promises: one line each. */
export function findProblems({ schemaVersion, clockErrorMs, indexes }: MongoFacts): readonly string[] {
  if (schemaVersion === null) return ['it is not prepared: run `marconi storage init`, or start a core'];
  return [
    ...schemaProblems(schemaVersion),
    ...indexes.flatMap(indexProblems),
    ...(clockErrorMs > MAX_ERROR_MS
      ? [`its time cannot be learnt to within ${MAX_ERROR_MS} ms: the network is too slow to hand out messages`]
      : []),
  ];
}

function indexProblems({ name, state }: InspectedIndex): readonly string[] {
  if (state === 'missing') return [`the index ${name} is missing: run \`marconi storage init\``];
  if (state === 'other') return [`the index ${name} is not Marconi's: drop it, then run \`marconi storage init\``];
  return [];
}

function schemaProblems(version: number): readonly string[] {
  if (version === SCHEMA_VERSION) return [];
  return [`it has schema ${version}, this Marconi knows schema ${SCHEMA_VERSION}: upgrade, or name another database`];
}
