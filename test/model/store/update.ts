import { Long } from 'mongodb';
import type { Update } from '../../../src/storage/drivers/mongodb/collection.js';
import { isPlain, stored, type Doc } from './values.js';

type Fields = Record<string, unknown>;
type Operator = (doc: Fields, field: string, operand: unknown, made: boolean) => void;

/** The document after the update; `made` when an upsert has just begun it. Throws for what the model does not know. */
export function updated(doc: Doc, update: Update, made: boolean): Doc {
  const after: Fields = { ...doc };
  for (const [name, operands] of Object.entries(update)) {
    const operator = OPERATORS[name];
    if (operator === undefined) throw new Error(`The model knows no update ${name}.`);
    for (const [field, operand] of Object.entries(operands as Fields)) {
      if (field.includes('.') || field === '_id') throw new Error(`The model does not change the field ${field}.`);
      operator(after, field, operand, made);
    }
  }
  return stored(after);
}

const OPERATORS: Readonly<Record<string, Operator>> = {
  $set: (doc, field, operand) => {
    doc[field] = operand;
  },
  $setOnInsert: (doc, field, operand, made) => {
    if (made) doc[field] = operand;
  },
  $unset: (doc, field) => {
    delete doc[field];
  },
  $inc: (doc, field, operand) => {
    const by = operand instanceof Long ? operand.toNumber() : (operand as number);
    doc[field] = ((doc[field] as number | undefined) ?? 0) + by;
  },
  $push: (doc, field, operand) => {
    if (isPlain(operand) && '$each' in operand) throw new Error('The model pushes one element at a time.');
    doc[field] = [...((doc[field] as readonly unknown[] | undefined) ?? []), operand];
  },
  $pullAll: (doc, field, operand) => {
    const out = new Set((operand as readonly unknown[]).map((element) => JSON.stringify(element)));
    doc[field] = (doc[field] as readonly unknown[]).filter((element) => !out.has(JSON.stringify(element)));
  },
};
