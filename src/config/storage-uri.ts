/** What a storage URI names. */
export type StorageUri = { readonly driver: 'sqlite'; readonly path: string } | { readonly driver: 'memory' };

/** Reads `sqlite:PATH`, `sqlite:///ABSOLUTE/PATH` or `memory:`; null when it is none of them. */
export function parseStorageUri(text: string): StorageUri | null {
  if (text === 'memory:') return { driver: 'memory' };
  if (!text.startsWith('sqlite:')) return null;
  const rest = text.slice('sqlite:'.length);
  if (rest.startsWith('//') && !rest.startsWith('///')) return null;
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  return path === '' || path.endsWith('/') || path.includes('\0') ? null : { driver: 'sqlite', path };
}
