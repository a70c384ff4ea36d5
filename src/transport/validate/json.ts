import { MarconiError } from '../../errors/marconi-error.js';
import { checkJson } from '../../json/check.js';

/** Throws INVALID_BODY unless the bytes are one sound JSON text (design section 4, row "body"). */
export function checkJsonBody(field: string, body: Uint8Array, maxDepth: number): void {
  const fault = checkJson(body, maxDepth);
  if (fault === null) return;
  const description = `expected a JSON text. ${fault.description}`;
  throw new MarconiError('INVALID_BODY', `${field}: ${description}`, {
    violations: [{ field, description }],
    metadata: { fault: fault.kind },
  });
}

/** True for application/json, with or without parameters, in any case. */
export function isJsonType(contentType: string): boolean {
  if (contentType === '') return true;
  const [essence = ''] = contentType.split(';', 1);
  return essence.trim().toLowerCase() === 'application/json';
}
