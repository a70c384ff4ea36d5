import { ConfigError, type Settings } from '../config/index.js';
import { redactUri } from '../domain/redact-uri.js';
import { asEndpoint, copyStorage, type CopyProgress, type CopyReport, type Endpoint } from '../storage/copy/index.js';
import { checkEnds } from './copy-ends.js';
import { openStorage } from './storage.js';

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
  const source = await openEnd({ ...settings, storage: from, sqlite: frugal });
  try {
    const target = await openEnd({ ...settings, storage: to });
    try {
      return await copyStorage(source, target, onProgress);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function openEnd(settings: Settings): Promise<Endpoint> {
  const storage = await openStorage(settings, { committed: () => undefined });
  const end = asEndpoint(storage);
  if (end !== null) return end;
  await storage.close();
  throw new ConfigError([`${redactUri(settings.storage)}: this storage cannot be copied as a whole`]);
}
