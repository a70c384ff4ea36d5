/** What is wrong with a text that should be JSON. */
export interface JsonFault {
  /** `encoding`: not UTF-8; `syntax`: not RFC 8259; `integer`: outside 64 bits; `depth`: nested too deeply. */
  readonly kind: 'encoding' | 'syntax' | 'integer' | 'depth';
  /** For the caller's eyes: one sentence that says what was expected. */
  readonly description: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The shortest literal that can leave 64 bits: 2^63 has nineteen digits. */
const LONG_DIGITS = /\d{19}/;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;

const LEAST = -(2n ** 63n);
const MOST = 2n ** 63n - 1n;

/**
 * Checks one JSON text: RFC 8259 without a byte order mark, strict UTF-8, each integer literal at any depth within
 * -2^63..2^63-1 (spec rest-v1 1.4), at most `maxDepth` arrays and objects inside each other. Null when it is sound.
 * A number with a fraction or an exponent is no integer literal.
 */
export function checkJson(bytes: Uint8Array, maxDepth: number): JsonFault | null {
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return { kind: 'encoding', description: 'The text is not UTF-8.' };
  }
  // A text this short, or with so few openings, cannot be too deep: most are spared the closer look.
  const deep = bytes.length > 2 * maxDepth && openings(bytes) > maxDepth && depthExceeds(bytes, maxDepth);
  if (deep) return { kind: 'depth', description: `The text nests more than ${maxDepth} arrays and objects.` };
  try {
    JSON.parse(text);
  } catch (error) {
    return { kind: 'syntax', description: `The text is not JSON: ${(error as Error).message}` };
  }
  return LONG_DIGITS.test(text) ? wideInteger(text) : null;
}

const isOpening = (byte: number): boolean => byte === 0x5b || byte === 0x7b;
const isClosing = (byte: number): boolean => byte === 0x5d || byte === 0x7d;

function openings(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (isOpening(byte)) count++;
  return count;
}

/** Looks at brackets outside strings; comes before the parser, so the text need not be JSON. */
function depthExceeds(bytes: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (inString && byte === BACKSLASH) at++;
    else if (byte === QUOTE) inString = !inString;
    else if (!inString && isOpening(byte) && ++depth > maxDepth) return true;
    else if (!inString && isClosing(byte)) depth--;
  }
  return false;
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
/** What may follow in a number: digits, full stop, exponent and its sign. */
const inNumber = (code: number): boolean =>
  isDigit(code) || code === 0x2e || code === 0x65 || code === 0x45 || code === 0x2b || code === MINUS;

/** The index after the string that opens at `from`; the text is sound. */
function afterString(text: string, from: number): number {
  let at = from + 1;
  while (text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** Walks a sound text, number by number. */
function wideInteger(text: string): JsonFault | null {
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = afterString(text, at);
    } else if (isDigit(code) || code === MINUS) {
      const start = at;
      while (at < text.length && inNumber(text.charCodeAt(at))) at++;
      if (isWide(text.slice(start, at))) return tooWide(text.slice(start, at));
    } else {
      at++;
    }
  }
  return null;
}

function isWide(literal: string): boolean {
  if (literal.length < 19 || !/^-?\d+$/.test(literal)) return false;
  // More digits than any 64-bit integer has: not worth the price of reading them.
  if (literal.length > 20) return true;
  const value = BigInt(literal);
  return value < LEAST || value > MOST;
}

function tooWide(token: string): JsonFault {
  const shown = token.length > 40 ? `${token.slice(0, 40)}…` : token;
  return { kind: 'integer', description: `The integer ${shown} is outside -2^63 to 2^63-1.` };
}
