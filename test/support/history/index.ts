/** Histories of what clients were told, and the checker of what that must not show. */
export { checkHistory } from './check.js';
export { History, type HistoryOptions, type Token } from './history.js';
export type * from './operations.js';
export { RULES, type Rule, type Violation } from './violation.js';
export { overEngine } from './clients/over-engine.js';
export { overStorage, sighting } from './clients/over-storage.js';
export { Producer, type ProducerHabits, type ProducerMemory } from './clients/producer.js';
export { type QueueAccess, REFUSED, type RepeatKey } from './clients/queue-access.js';
export { Reader, recordEnd } from './clients/reader.js';
export { Worker, type WorkerHabits } from './clients/worker.js';
