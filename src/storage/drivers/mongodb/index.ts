/** The production storage: a MongoDB replica set or sharded cluster (design section 6). */
export { openMongo } from './open.js';
export { DEFAULT_TUNING, type CommandListener, type MongoOptions, type MongoTuning } from './options.js';
export type { PoolFigures } from './pool-figures.js';
export { MongoStorage } from './storage.js';
export { inspectMongo, type MongoInspection } from './upkeep/inspect.js';
export { topologyText } from './upkeep/topology.js';
