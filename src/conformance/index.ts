/** The conformance kit: what every storage driver runs to show that it keeps the promises of the ports. */
export { describeStorage, type Runner } from './describe-storage.js';
export type { StorageFactory, StorageUnderTest } from './factory.js';
