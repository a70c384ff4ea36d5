/** v1's names of fields that the contract names otherwise. */
const FIELD_NAMES: Readonly<Record<string, string>> = {
  ttl: 'ttl_seconds',
  grace: 'grace_seconds',
  'X-Project-Id': 'project',
  'Client-ID': 'client-id',
  'The header Client-ID': 'client-id',
  'A queue name': 'queue',
  'The array': 'messages',
  'One request': 'messages',
};

/** The field that a description speaks of first, as the contract names it. */
export function fieldsOf(description: string): readonly string[] {
  const [, index] = /^Message (\d+): /.exec(description) ?? [];
  const rest = description.replace(/^Message \d+: /, '');
  const word =
    /^"(\w+)"/.exec(rest)?.[1] ??
    /^([\w.[\]-]+): /.exec(rest)?.[1] ??
    Object.keys(FIELD_NAMES).find((name) => rest.startsWith(`${name} `));
  if (word === undefined) return [];
  const field = FIELD_NAMES[word] ?? word;
  return [index === undefined ? field : `messages[${index}].${field}`];
}
