export { packageVersion } from '../process/version.js';
