import { MarconiError, type FieldViolation } from '../../errors/marconi-error.js';

/** Violations that one answer names at the most; the first ones are enough to act on. */
export const MAX_VIOLATIONS = 20;

const SHOWN_LENGTH = 64;

/** A text from a request, quoted and cut so that it fits in an error. */
export function shown(text: string): string {
  return text.length <= SHOWN_LENGTH ? JSON.stringify(text) : `${JSON.stringify(text.slice(0, SHOWN_LENGTH))}…`;
}

/** Collects what is wrong with a request, so that one answer names all of it. */
export class Violations {
  private readonly found: FieldViolation[] = [];

  /** `field`: its path as in the contract; `description`: what was expected and what came. */
  add(field: string, description: string): void {
    if (this.found.length < MAX_VIOLATIONS) this.found.push({ field, description });
  }

  /** Throws INVALID_REQUEST when something was added. */
  check(): void {
    const first = this.found[0];
    if (first === undefined) return;
    throw new MarconiError('INVALID_REQUEST', `${first.field}: ${first.description}`, { violations: this.found });
  }
}
