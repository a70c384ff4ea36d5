import { MarconiError } from '../../../errors/marconi-error.js';
import type { Collections } from './collections.js';
import { retrying } from './retrying.js';

/** Of the documents that this Marconi writes; one more for each change that an older one cannot read. */
export const SCHEMA_VERSION = 1;

/** The document of `meta` that tells the version. */
export const SCHEMA = 'schema';

/**
 * Reads the version of the database's documents, or writes it into a new one. Rejects with STORAGE_UNAVAILABLE, naming
 * both versions, when a newer Marconi made them.
 */
export async function agreeOnSchema(meta: Collections['meta']): Promise<void> {
  const found = await retrying(async () => {
    const present = await meta.findOne({ _id: SCHEMA });
    if (present !== null) return present;
    await meta.insertAll([{ _id: SCHEMA, version: SCHEMA_VERSION }]);
    return meta.findOne({ _id: SCHEMA });
  });
  const version = found?.['version'];
  if (version === SCHEMA_VERSION) return;
  throw new MarconiError(
    'STORAGE_UNAVAILABLE',
    `The database has schema ${String(version)}, this Marconi knows schema ${SCHEMA_VERSION}: ` +
      'it was made by a newer Marconi, or by something else; upgrade, or name another database.',
  );
}
