import { z } from 'zod';
import { parseListen } from './listen.js';

/** What an option's value may be. */
export type OptionValue = string | number | boolean;

/** One row of the table of options. */
export interface Option<V extends OptionValue = OptionValue> {
  readonly schema: z.ZodType<V>;
  readonly default: V;
  /** What the schema accepts, in words. */
  readonly expected: string;
  readonly unit: string;
  /** What the option does and why its default is what it is, in one line. */
  readonly reason: string;
  /** The option's name on the command line where it is not the key itself: without `--`. */
  readonly flag?: string;
  /** The value as it may be printed, where it may hold a secret. */
  readonly shown?: (value: string) => string;
}

/** What a row says beside its type. */
interface Row<V> {
  readonly default: V;
  readonly unit?: string;
  readonly reason: string;
  readonly flag?: string;
}

/** A whole number within bounds. */
export function integer(least: number, most: number, row: Row<number>): Option<number> {
  const expected = `a whole number from ${least} to ${most}`;
  return { unit: '', ...row, schema: z.int().min(least).max(most), expected };
}

/** A share, 0 to 1. */
export function share(row: Row<number>): Option<number> {
  return { unit: 'share', ...row, schema: z.number().min(0).max(1), expected: 'a number from 0 to 1' };
}

/** True or false. */
export function flag(row: Row<boolean>): Option<boolean> {
  return { unit: '', ...row, schema: z.boolean(), expected: 'true or false' };
}

/** One of a few words. */
export function oneOf<const W extends string>(words: readonly [W, ...W[]], row: Row<W>): Option<W> {
  return { unit: '', ...row, schema: z.enum(words), expected: words.join(', ') };
}

/** A text that a test accepts. */
export function text(expected: string, accepts: (value: string) => boolean, row: Row<string>): Option<string> {
  return { unit: '', ...row, schema: z.string().refine(accepts), expected };
}

/** The name of a file, or nothing. */
export function file(reason: string): Option<string> {
  return text('a file name or nothing', (name) => !name.includes('\0'), { default: '', unit: 'file', reason });
}

/** Kinds of addresses that an option takes. */
type AddressKind = 'tcp' | 'unix';

/** An address; may be empty when `optional`. */
export function address(kinds: readonly AddressKind[], optional: boolean, row: Row<string>): Option<string> {
  const words = kinds.map((kind) => (kind === 'tcp' ? 'HOST:PORT' : 'unix:PATH'));
  const expected = [...words, ...(optional ? ['nothing'] : [])].join(' or ');
  const accepts = (value: string): boolean => {
    if (value === '') return optional;
    const parsed = parseListen(value);
    return parsed !== null && kinds.includes(parsed.kind);
  };
  return text(expected, accepts, row);
}

/** A value of the option as it may be printed and logged. */
export function shownValue<T>({ shown }: Pick<Option, 'shown'>, value: T): T | string {
  return shown !== undefined && typeof value === 'string' ? shown(value) : value;
}

/** Name of an option on the command line, with dashes: `grpc.listen` → `--grpc-listen`; `telemetry.` is left out. */
export function flagName(key: string, option: Option): string {
  const name = option.flag ?? key.replace(/^telemetry\./, '').replaceAll('.', '-');
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Name of an option in the environment: `--grpc-listen` → `MARCONI_GRPC_LISTEN`. */
export function envName(key: string, option: Option): string {
  return `MARCONI_${flagName(key, option).slice(2).replaceAll('-', '_').toUpperCase()}`;
}
