import type { Settings } from '../config/index.js';
import { copyStorage, type CopyProgress, type CopyReport } from '../storage/copy/index.js';
import { checkEnds } from './copy-ends.js';
import { openEndpoint } from './open-endpoint.js';

/**
 * Copies the storage `from` into `to`, goes on where an earlier copy stopped, and compares both. Rejects with ConfigError
 * when these cannot be the ends of a copy, with STORAGE_UNAVAILABLE when one cannot be used, also while a server has it
 * to itself, and with CopyRefused when the target has other queues of the same names.
 */
export async function copy(
  settings: Settings,
  from: string,
  to: string,
  onProgress: (progress: CopyProgress) => void,
): Promise<CopyReport> {
  checkEnds(from, to);
  // Nothing is added to the source: it needs no room.
  const frugal = { ...settings.sqlite, reserveBytes: 0, ballastBytes: 0 };
  const source = await openEndpoint({ ...settings, storage: from, sqlite: frugal });
  try {
    const target = await openEndpoint({ ...settings, storage: to });
    try {
      return await copyStorage(source, target, onProgress);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
