import { ConfigError, type Settings } from '../config/index.js';
import { redactUri } from '../domain/redact-uri.js';
import { asEndpoint, type Endpoint } from '../storage/copy/index.js';
import { openStorage } from './storage.js';

/** Opens the storage that the settings name, to be gone through as a whole. Rejects as `openStorage` does. */
export async function openEndpoint(settings: Settings): Promise<Endpoint> {
  const storage = await openStorage(settings, { committed: () => undefined });
  const endpoint = asEndpoint(storage);
  if (endpoint !== null) return endpoint;
  await storage.close();
  throw new ConfigError([`${redactUri(settings.storage)}: this storage cannot be gone through as a whole`]);
}
