import { MAX_PROJECT_LENGTH, type Project, type TenantScope } from '../domain/principal.js';
import { MarconiError } from '../errors/marconi-error.js';

/** Metadata of a call, whatever the door: all values under a lower-case key; none: an empty list. */
export interface CallMetadata {
  get(key: string): readonly (string | Uint8Array)[];
}

/** The project as UTF-8 bytes, on any project. */
export const PROJECT_BYTES_KEY = 'marconi-project-bin';

/** The project as text, where it is printable ASCII. */
export const PROJECT_TEXT_KEY = 'x-project-id';

const PRINTABLE_ASCII = /^[ -~]*$/;
const GLOBAL: TenantScope = { project: null };
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * The project that a call names, before anybody has asked whether it may. Absent: the global project. Throws
 * INVALID_PROJECT when a value is empty, longer than 256 characters, not UTF-8 or (as text) not printable ASCII, and
 * when two values differ, under one key or two (design section 4, row "project").
 */
export function readScope(metadata: CallMetadata): TenantScope {
  const bytes = metadata.get(PROJECT_BYTES_KEY);
  const texts = metadata.get(PROJECT_TEXT_KEY);
  if (bytes.length === 0 && texts.length === 0) return GLOBAL;
  const named = [
    ...bytes.map((value) => checkLength(PROJECT_BYTES_KEY, decode(value))),
    ...texts.map((value) => checkLength(PROJECT_TEXT_KEY, checkAscii(value))),
  ];
  const project = named[0] as string;
  if (named.some((other) => other !== project)) {
    throw invalid(PROJECT_BYTES_KEY, 'expected one project; it is given more than once and the values differ');
  }
  return { project };
}

/**
 * The project of a caller that is bound to one: metadata need not name it. Throws PERMISSION_DENIED when it names
 * another, and what `readScope` does.
 */
export function readBoundScope(metadata: CallMetadata, project: Project): TenantScope {
  const isNamed = metadata.get(PROJECT_BYTES_KEY).length > 0 || metadata.get(PROJECT_TEXT_KEY).length > 0;
  if (!isNamed || readScope(metadata).project === project) return { project };
  throw new MarconiError('PERMISSION_DENIED', 'The credential is not of the project that the metadata names.');
}

function decode(value: string | Uint8Array): string {
  if (typeof value === 'string') return value;
  try {
    return utf8.decode(value);
  } catch {
    throw invalid(PROJECT_BYTES_KEY, 'expected UTF-8; the bytes are not');
  }
}

function checkAscii(value: string | Uint8Array): string {
  if (typeof value === 'string' && PRINTABLE_ASCII.test(value)) return value;
  throw invalid(PROJECT_TEXT_KEY, `expected printable ASCII; send other projects in ${PROJECT_BYTES_KEY}`);
}

function checkLength(key: string, project: string): string {
  if (project === '') throw invalid(key, `expected 1 to ${MAX_PROJECT_LENGTH} characters, or no project; it is empty`);
  // A character beyond the basic plane is two units: only what may be too long is counted.
  const length = project.length <= MAX_PROJECT_LENGTH ? project.length : [...project].length;
  if (length <= MAX_PROJECT_LENGTH) return project;
  throw invalid(key, `expected 1 to ${MAX_PROJECT_LENGTH} characters; came ${length}`);
}

function invalid(field: string, description: string): MarconiError {
  return new MarconiError('INVALID_PROJECT', `${field}: ${description}`, { violations: [{ field, description }] });
}
