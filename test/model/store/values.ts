import { Long } from 'mongodb';

/** A document as a collection keeps it; never changed, only replaced. */
export type Doc = Readonly<Record<string, unknown>> & { readonly _id: string };

/** Types in MongoDB's order; values of different types never meet in a range. */
const TYPES = ['null', 'number', 'string', 'boolean', 'date'] as const;

type Comparable = readonly [type: number, value: number | string];

/** A value as it is compared; throws for types that the driver compares nothing by. */
function comparable(value: unknown): Comparable {
  const typed = (type: (typeof TYPES)[number], plain: number | string): Comparable => [TYPES.indexOf(type), plain];
  if (value === undefined || value === null) return typed('null', 0);
  if (typeof value === 'number') return typed('number', value);
  if (value instanceof Long) return typed('number', value.toNumber());
  if (typeof value === 'string') return typed('string', value);
  if (typeof value === 'boolean') return typed('boolean', Number(value));
  if (value instanceof Date) return typed('date', value.getTime());
  throw new Error(`The model compares no ${Object.prototype.toString.call(value)}.`);
}

/** Negative, zero or positive, also between types. */
export function compare(a: unknown, b: unknown): number {
  const [[typeA, valueA], [typeB, valueB]] = [comparable(a), comparable(b)];
  if (typeA !== typeB) return typeA - typeB;
  if (valueA === valueB) return 0;
  return valueA < valueB ? -1 : 1;
}

/** True when a range may hold both. */
export function sameType(a: unknown, b: unknown): boolean {
  return comparable(a)[0] === comparable(b)[0];
}

/** True for `{…}`: an operator, or a document inside another. */
export function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** One text for one value, whatever the order of its fields. */
export function canonical(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Date) return `@${value.getTime()}`;
  if (Array.isArray(value) || value instanceof Set || value instanceof Map) {
    return `[${Array.from(value as Iterable<unknown>, canonical).join()}]`;
  }
  if (!isPlain(value)) return JSON.stringify(value);
  let text = texts.get(value);
  if (text === undefined) {
    const fields = Object.keys(value).sort();
    text = `{${fields.map((field) => `${field}:${canonical(value[field])}`).join()}}`;
    if (Object.isFrozen(value)) texts.set(value, text);
  }
  return text;
}

/** Texts of objects that cannot change. */
const texts = new WeakMap<object, string>();

/** A document as the server would give it back: 64-bit numbers as numbers. */
export function stored(doc: Readonly<Record<string, unknown>>): Doc {
  const kept: Record<string, unknown> = {};
  for (const field of Object.keys(doc)) {
    const value = doc[field];
    if (value === undefined) throw new Error(`The field ${field} is written without a value.`);
    kept[field] = value instanceof Long ? value.toNumber() : value;
  }
  return Object.freeze(kept) as Doc;
}
