import { MongoError } from 'mongodb';
import { redactUri } from '../../../domain/redact-uri.js';
import { MarconiError } from '../../../errors/marconi-error.js';
import { detailOf, rootOf } from './error-facts.js';
import { failure } from './errors.js';

/**
 * Why a storage could not be opened, for the operator: with what the driver and each server said. What the parser says
 * of a URI that is none is left out, and the cause of all else: they may hold parts of a password.
 */
export function unopenable(thrown: unknown): MarconiError {
  if (thrown instanceof MarconiError && thrown.cause === undefined) return thrown;
  const { reason, message } = failure(thrown);
  if (reason !== 'INTERNAL') {
    return new MarconiError('STORAGE_UNAVAILABLE', `${message.replace(/(; whether.*)?\.$/, '')}: ${detail(thrown)}`);
  }
  return new MarconiError('STORAGE_UNAVAILABLE', `The storage URI cannot be used: ${usage(thrown)}`);
}

function usage(thrown: unknown): string {
  if (rootOf(thrown) instanceof MongoError || isOfSystem(thrown)) return detail(thrown);
  return 'expected mongodb://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS, with special characters percent-encoded.';
}

const detail = (thrown: unknown): string => redactUri(detailOf(thrown));

/** A file of certificates that cannot be read, a name that DNS does not know. */
const isOfSystem = (thrown: unknown): boolean => typeof (thrown as { syscall?: unknown } | null)?.syscall === 'string';
