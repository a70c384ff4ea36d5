/**
 * Takes a sound JSON text (see `checkJson`) apart without parsing its values: each part is a view of the text's own
 * bytes, so that a value is passed on as it was sent, white space inside, 64-bit integers and all.
 */

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
const isOpening = (byte: number | undefined): boolean => byte === 0x5b || byte === 0x7b;
const isClosing = (byte: number | undefined): boolean => byte === 0x5d || byte === 0x7d;

/** What a JSON value is. */
export type JsonKind = 'array' | 'object' | 'string' | 'number' | 'boolean' | 'null';

const KINDS: Readonly<Record<string, JsonKind>> = {
  '[': 'array',
  '{': 'object',
  '"': 'string',
  t: 'boolean',
  f: 'boolean',
  n: 'null',
};

/** Tells what the value of a sound text is. */
export function kindOf(text: Uint8Array): JsonKind {
  return KINDS[String.fromCharCode(text[skipSpace(text, 0)] ?? 0)] ?? 'number';
}

/** The elements of an array, each without the white space around it, in their order. */
export function sliceArray(text: Uint8Array): Uint8Array[] {
  const elements: Uint8Array[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (!isClosing(text[at])) {
    const end = afterValue(text, at);
    elements.push(text.subarray(at, end));
    at = afterComma(text, end);
  }
  return elements;
}

/**
 * The members of an object that are named in `wanted`, each value without the white space around it. Of members with
 * one name the last counts; names are compared as text, whatever escapes they were sent with. Others are dropped.
 */
export function sliceObject<Name extends string>(
  text: Uint8Array,
  wanted: readonly Name[],
): ReadonlyMap<Name, Uint8Array> {
  const members = new Map<Name, Uint8Array>();
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (!isClosing(text[at])) {
    const nameEnd = afterString(text, at);
    const name = wanted.find((candidate) => isNamed(text, at, nameEnd, candidate));
    const value = skipSpace(text, skipColon(text, nameEnd));
    const end = afterValue(text, value);
    if (name !== undefined) members.set(name, text.subarray(value, end));
    at = afterComma(text, end);
  }
  return members;
}

/** The names of an object's members at its top, as text, in their order. */
export function memberNames(text: Uint8Array): string[] {
  const names: string[] = [];
  let at = skipSpace(text, skipSpace(text, 0) + 1);
  while (!isClosing(text[at])) {
    const nameEnd = afterString(text, at);
    names.push(readString(text.subarray(at, nameEnd)));
    at = afterComma(text, afterValue(text, skipSpace(text, skipColon(text, nameEnd))));
  }
  return names;
}

/** The value of an integer literal; null for any other value (`60.0`, `6e1`, `"60"`, `true`). */
export function readInteger(value: Uint8Array): bigint | null {
  const literal = ascii(value);
  return /^-?\d{1,20}$/.test(literal) ? BigInt(literal) : null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readString(value: Uint8Array): string {
  return JSON.parse(utf8.decode(value)) as string;
}

/** Enough of a short value to read a number; longer ones are no 64-bit integer. */
function ascii(value: Uint8Array): string {
  return value.length > 21 ? '' : String.fromCharCode(...value);
}

/** True when the string between `from` and `end`, quotes included, is `name`; only ASCII names are looked for. */
function isNamed(text: Uint8Array, from: number, end: number, name: string): boolean {
  if (end - from === name.length + 2) {
    for (let i = 0; i < name.length; i++) if (text[from + 1 + i] !== name.charCodeAt(i)) return false;
    return true;
  }
  // A longer spelling is the same name only by escapes, six bytes for one character at the most.
  if (end - from > 6 * name.length + 2 || !text.subarray(from, end).includes(BACKSLASH)) return false;
  return readString(text.subarray(from, end)) === name;
}

function skipSpace(text: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(text[at])) at++;
  return at;
}

function skipColon(text: Uint8Array, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === COLON ? at + 1 : at;
}

/** The start of the next member or element, or the closing bracket. */
function afterComma(text: Uint8Array, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === COMMA ? skipSpace(text, at + 1) : at;
}

function afterString(text: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < text.length && text[at] !== QUOTE) at += text[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function afterValue(text: Uint8Array, from: number): number {
  if (text[from] === QUOTE) return afterString(text, from);
  return isOpening(text[from]) ? afterNested(text, from) : afterScalar(text, from);
}

function afterScalar(text: Uint8Array, from: number): number {
  let at = from;
  while (at < text.length && text[at] !== COMMA && !isClosing(text[at]) && !isSpace(text[at])) at++;
  return at;
}

/** Counts brackets instead of recursing: depth costs nothing. */
function afterNested(text: Uint8Array, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const byte = text[at];
    if (byte === QUOTE) {
      at = afterString(text, at);
      continue;
    }
    at++;
    if (isOpening(byte)) depth++;
    else if (isClosing(byte) && --depth === 0) return at;
  }
  return at;
}
