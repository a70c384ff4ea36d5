import { checkJson } from '../../../src/json/check.js';
import { kindOf, readInteger, sliceObject } from '../../../src/json/slice.js';
import type { Reason } from '../../../src/errors/reasons.js';
import { Problem } from '../../http/problem.js';

/**
 * Refuses a body that is not JSON, or not of the type that the operation takes (spec rest-v1 1.4).
 * @param reason of what is no JSON, as the core has it
 */
export function checkDocument(
  body: Uint8Array,
  kind: 'array' | 'object',
  maxDepth: number,
  reason: Reason = 'INVALID_REQUEST',
): void {
  const fault = checkJson(body, maxDepth);
  if (fault !== null) throw new Problem('invalidBody', fault.description, { reason });
  if (kindOf(body) !== kind) throw new Problem('invalidBody', `The body must be a JSON ${kind}.`);
}

/** A member that is a whole number in a range. */
export interface SecondsRule {
  readonly name: 'ttl' | 'grace';
  readonly least: number;
  readonly most: number;
  /** Taken when the member is absent; a member without it is required. */
  readonly fallback?: number;
}

/** The member's value: a Problem when it is missing, no integer, or out of range. `where` begins the description. */
export function readSeconds(value: Uint8Array | undefined, rule: SecondsRule, where = ''): number {
  if (value === undefined) {
    if (rule.fallback !== undefined) return rule.fallback;
    throw new Problem('invalidBody', `${where}"${rule.name}" is required.`);
  }
  const seconds = readInteger(value);
  if (seconds === null) throw new Problem('invalidBody', `${where}"${rule.name}" must be an integer.`);
  if (seconds >= rule.least && seconds <= rule.most) return Number(seconds);
  const range = `${rule.least} and ${rule.most}`;
  throw new Problem('invalidRequest', `${where}"${rule.name}" must be between ${range} seconds.`);
}

/** Members `ttl` and `grace` of an object; others, and whatever they hold, are dropped. */
export function readClaimTimes(body: Uint8Array, ttl: SecondsRule, grace: SecondsRule): { ttl: number; grace: number } {
  const members = sliceObject(body, ['ttl', 'grace']);
  return { ttl: readSeconds(members.get('ttl'), ttl), grace: readSeconds(members.get('grace'), grace) };
}
