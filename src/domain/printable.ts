/** Text of a tenant as it may be shown on a terminal: control and other invisible characters by their numbers. */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
