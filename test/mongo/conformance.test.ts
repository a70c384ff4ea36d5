import { describeStorage, type PlannedCase } from '../../src/conformance/index.js';
import { mongoFactory } from '../support/mongo/mongo-factory.js';
import { startMongoJavaServer } from '../support/mongo/mongo-java-server.js';

describe('mongo-java-server in memory', () => {
  const factory = mongoFactory({ start: () => startMongoJavaServer({ backend: 'memory' }) });
  describeStorage('mongodb', factory);
  afterAll(() => factory.stop());
});

/** What is lost is lost by an end: all else is the same in memory. */
const aboutEnds = ({ area }: PlannedCase): boolean => ['reopening', 'crashing'].includes(area.name);

describe.each(['core', 'core and server'] as const)('mongo-java-server on a file, a crash of the %s', (crash) => {
  // The crashed core finds out soon that it will have no answer.
  const tuning = { serverSelectionTimeoutMs: 1_000 };
  const factory = mongoFactory({ start: () => startMongoJavaServer({ backend: 'h2' }), tuning, crash });
  describeStorage('mongodb', factory, { wanted: aboutEnds, caseMs: 50_000 });
  afterAll(() => factory.stop());
});
