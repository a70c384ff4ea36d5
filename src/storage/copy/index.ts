/** Copies a whole storage into another one, by the ports alone. */
export type { Account } from './account.js';
export { copyStorage, type CopyProgress, type CopyReport } from './copy.js';
export { asEndpoint, type Endpoint } from './endpoint.js';
export { CopyRefused } from './survey.js';
