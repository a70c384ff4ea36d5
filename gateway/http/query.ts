import { Problem } from './problem.js';

const TRUE = new Set(['true', 'True', 'yes', '1', 't', 'y', 'on']);
const FALSE = new Set(['false', 'False', 'no', '0', 'f', 'n', 'off']);

/**
 * Query parameters (spec rest-v1 1.3): unknown ones are never looked at, an empty value is as if the parameter were
 * absent, of a repeated one the last counts; only lists collect all of them.
 */
export class Query {
  static readonly EMPTY = new Query([]);

  private constructor(private readonly pairs: readonly (readonly [string, string])[]) {}

  /** Reads what follows the question mark. Percent escapes that are none are taken literally. */
  static parse(raw: string): Query {
    const pairs: [string, string][] = [];
    for (const piece of raw.split('&')) {
      const cut = piece.indexOf('=');
      if (cut < 1 || cut === piece.length - 1) continue;
      pairs.push([unescapeLeniently(piece.slice(0, cut)), unescapeLeniently(piece.slice(cut + 1))]);
    }
    return new Query(pairs);
  }

  /** The last value; undefined when there is none. */
  text(name: string): string | undefined {
    return this.pairs.filter(([key]) => key === name).at(-1)?.[1];
  }

  /** All elements of all values, split at commas, empty ones dropped. */
  list(name: string): string[] {
    return this.pairs.filter(([key]) => key === name).flatMap(([, value]) => value.split(',').filter(Boolean));
  }

  /** A whole number; 400 when it is none, or not between `least` and `most`. */
  integer(name: string, least: number, most: number): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    // A plus sign that was not escaped has become a space.
    if (!/^[ +-]?\d+$/.test(value)) throw new Problem('invalidParameter', `"${name}" must be an integer.`);
    const number = Number(value);
    if (number >= least && number <= most) return number;
    throw new Problem('invalidRequest', `"${name}" must be between ${least} and ${most}.`);
  }

  /** A truth value; 400 when it is none of the accepted spellings. */
  boolean(name: string): boolean | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (TRUE.has(value)) return true;
    if (FALSE.has(value)) return false;
    throw new Problem('invalidParameter', `"${name}" must be "true" or "false".`);
  }
}

function unescapeLeniently(text: string): string {
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}
