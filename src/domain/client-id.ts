/** A client id: 32 lower-case hexadecimal digits. It names a poster, for echo suppression only. */
export type ClientId = string;

/**
 * Reads a UUID in the spellings that clients send: 32 hexadecimal digits with or without hyphens, any case, wrapped in
 * {} or prefixed by urn:uuid: (spec rest-v1 1.2). Compared as a value, so the result has one spelling; null otherwise.
 */
export function parseClientId(text: string): ClientId | null {
  const bare = text
    .replace(/^urn:uuid:/i, '')
    .replace(/^\{(.*)\}$/, '$1')
    .replaceAll('-', '')
    .toLowerCase();
  return /^[0-9a-f]{32}$/.test(bare) ? bare : null;
}
