import type { IncomingHttpHeaders } from 'node:http2';
import { PROJECT_TEXT_KEY } from '../../tenancy/scope.js';

const PRINTABLE_ASCII = /^[ -~]*$/;

/**
 * Makes a project header that grpc-js would lose or blur an empty one, which is then refused with INVALID_PROJECT:
 * a value beyond printable ASCII is dropped by it, and the call would act in the global project; a header that came
 * twice is joined into one other name by Node.js.
 */
export function settleProjectHeader(headers: IncomingHttpHeaders, rawHeaders: readonly string[]): void {
  const value = headers[PROJECT_TEXT_KEY];
  if (value === undefined) return;
  const lost = typeof value !== 'string' || !PRINTABLE_ASCII.test(value);
  if (lost || (value.includes(',') && countOf(PROJECT_TEXT_KEY, rawHeaders) > 1)) headers[PROJECT_TEXT_KEY] = '';
}

function countOf(key: string, rawHeaders: readonly string[]): number {
  return rawHeaders.filter((name, index) => index % 2 === 0 && name === key).length;
}
