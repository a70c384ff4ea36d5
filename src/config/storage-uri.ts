/** What a storage URI names. */
export type StorageUri =
  | { readonly driver: 'sqlite'; readonly path: string }
  | { readonly driver: 'memory' }
  | { readonly driver: 'mongodb'; readonly uri: string; readonly database: string };

/** The forms that a storage URI may have, for people. */
export const STORAGE_URI_FORMS = 'sqlite:PATH, memory: or mongodb://HOSTS/DATABASE';

/** The database where a MongoDB URI names none. */
const DEFAULT_DATABASE = 'marconi';

/** Databases that belong to the server itself. */
const RESERVED = ['admin', 'config', 'local'];

/** What a database may be called on every system that MongoDB runs on; an @ is the rest of an unescaped password. */
const DATABASE_NAME = /^[^/\\. "$*<>:|?@\0]{1,63}$/;

/** Scheme, hosts with user and password, database, options. */
const MONGODB_URI = /^mongodb(?:\+srv)?:\/\/[^/?#]+(?:\/([^/?#]*))?(?:\?[^#]*)?$/;

/** Reads the URI of a storage; null when it has none of the forms, or names a database that is the server's own. */
export function parseStorageUri(text: string): StorageUri | null {
  if (text === 'memory:') return { driver: 'memory' };
  return text.startsWith('mongodb') ? parseMongodb(text) : parseSqlite(text);
}

function parseSqlite(text: string): StorageUri | null {
  if (!text.startsWith('sqlite:')) return null;
  const rest = text.slice('sqlite:'.length);
  if (rest.startsWith('//') && !rest.startsWith('///')) return null;
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  return path === '' || path.endsWith('/') || path.includes('\0') ? null : { driver: 'sqlite', path };
}

function parseMongodb(uri: string): StorageUri | null {
  const match = MONGODB_URI.exec(uri);
  if (match === null) return null;
  const database = decoded(match[1] ?? '');
  if (database === null) return null;
  if (database === '') return { driver: 'mongodb', uri, database: DEFAULT_DATABASE };
  return DATABASE_NAME.test(database) && !RESERVED.includes(database) ? { driver: 'mongodb', uri, database } : null;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
