/** The public, documented storage interface: what a driver implements and the engine uses. */
export * from './control-store.js';
export * from './message-ops.js';
export * from './message-store.js';
export * from './queue.js';
export * from './signals.js';
export * from './storage.js';
export * from './transfer.js';
