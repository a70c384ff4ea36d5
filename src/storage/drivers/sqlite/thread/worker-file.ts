import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import { MarconiError } from '../../../../errors/marconi-error.js';

/**
 * The compiled shell of a thread: beside this file, or, where this runs from TypeScript sources, under dist/.
 * Throws STORAGE_UNAVAILABLE when it has not been built.
 */
export function workerFile(): string {
  const beside = join(__dirname, 'worker.js');
  if (existsSync(beside)) return beside;
  const within = __dirname.lastIndexOf(`${sep}src${sep}`);
  const built = join(__dirname.slice(0, within), 'dist', __dirname.slice(within), 'worker.js');
  if (existsSync(built)) return built;
  throw new MarconiError('STORAGE_UNAVAILABLE', `${built} is missing: run \`npm run build\`.`);
}
