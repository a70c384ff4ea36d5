import type { Filter } from '../../../src/storage/drivers/mongodb/collection.js';
import { compare, isPlain, sameType } from './values.js';

/** True when the document fits the filter; throws for what the model does not know, so that nothing passes unseen. */
export function matches(doc: unknown, filter: Filter): boolean {
  return Object.entries(filter).every(([path, condition]) => fits(valuesAt(doc, path.split('.')), condition));
}

/** What lies at a path: more than one value when it leads through an array. */
function valuesAt(value: unknown, [segment, ...rest]: readonly string[]): readonly unknown[] {
  if (segment === undefined) return [value];
  if (Array.isArray(value)) {
    if (/^\d+$/.test(segment)) return Number(segment) in value ? valuesAt(value[Number(segment)], rest) : [];
    return value.flatMap((element) => valuesAt(element, [segment, ...rest]));
  }
  if (!isPlain(value) || !(segment in value)) return [];
  return valuesAt(value[segment], rest);
}

function fits(values: readonly unknown[], condition: unknown): boolean {
  if (!isPlain(condition)) return equals(values, condition);
  return Object.entries(condition).every(([operator, operand]) => {
    const judge = OPERATORS[operator];
    if (judge === undefined) throw new Error(`The model knows no operator ${operator}.`);
    return judge(values, operand);
  });
}

type Judge = (values: readonly unknown[], operand: unknown) => boolean;

/** A path that leads nowhere equals null. */
function equals(values: readonly unknown[], operand: unknown): boolean {
  if (values.length === 0) return operand === null;
  return values.some((value) => !Array.isArray(value) && compare(value, operand) === 0);
}

const isIn: Judge = (values, operand) => (operand as readonly unknown[]).some((each) => equals(values, each));

const range =
  (holds: (order: number) => boolean): Judge =>
  (values, operand) =>
    values.some((value) => sameType(value, operand) && holds(compare(value, operand)));

const OPERATORS: Readonly<Record<string, Judge>> = {
  $in: isIn,
  $nin: (values, operand) => !isIn(values, operand),
  $ne: (values, operand) => !equals(values, operand),
  $gt: range((order) => order > 0),
  $gte: range((order) => order >= 0),
  $lt: range((order) => order < 0),
  $lte: range((order) => order <= 0),
  $exists: (values, operand) => values.length > 0 === operand,
  $size: (values, operand) => values.some((value) => Array.isArray(value) && value.length === operand),
};
