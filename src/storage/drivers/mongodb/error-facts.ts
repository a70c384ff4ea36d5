import { isNativeError } from 'node:util/types';
import {
  MongoBulkWriteError,
  MongoError,
  MongoNetworkError,
  MongoServerSelectionError,
  MongoWriteConcernError,
  type ServerDescription,
} from 'mongodb';
import { MarconiError } from '../../../errors/marconi-error.js';

/** Servers that an account of a failed search for a primary names at the most. */
const MAX_SERVERS = 8;

/** What Node says when a connection broke. A file that cannot be read, a certificate say, fails with other codes. */
const BROKEN = /^(ECONN[A-Z]+|EHOST[A-Z]+|ENET[A-Z]+|ENOTCONN|EPIPE|ESHUTDOWN|ETIMEDOUT|ERR_(STREAM|SOCKET|SSL)_\w+)$/;

/** What the driver threw first, as an error of its own: without the MarconiError or the bulk write's error around it. */
export function rootOf(thrown: unknown): unknown {
  if (thrown instanceof MarconiError && thrown.cause !== undefined) return rootOf(thrown.cause);
  // A bulk write turns what ended it, a broken connection say, into an error of its own class.
  if (thrown instanceof MongoBulkWriteError && thrown.errorResponse instanceof Error) {
    return rootOf(thrown.errorResponse);
  }
  if (isOfSocket(thrown)) return new MongoNetworkError(thrown.message, { cause: thrown });
  return thrown;
}

/**
 * A command that is written while its connection breaks fails with what the socket said, not with an error of the driver.
 * The error is Node's own, which under a test runner is of another realm than `Error`.
 */
function isOfSocket(thrown: unknown): thrown is Error {
  if (!isNativeError(thrown) || thrown instanceof MongoError || !('code' in thrown)) return false;
  return typeof thrown.code === 'string' && BROKEN.test(thrown.code);
}

/** The server's codes: one for each statement of a bulk write that failed, else the one of the command, if any. */
export function codesOf(error: unknown): readonly number[] {
  if (!(error instanceof MongoError)) return [];
  const failed = error instanceof MongoBulkWriteError ? [error.writeErrors].flat() : [];
  if (failed.length > 0) return failed.map(({ code }) => code);
  return typeof error.code === 'number' ? [error.code] : [];
}

/** True when the statements were run and the nodes did not confirm them as they should. */
export function isUnconfirmed(error: unknown): boolean {
  if (error instanceof MongoWriteConcernError) return true;
  return error instanceof MongoBulkWriteError && error.result?.getWriteConcernError() !== undefined;
}

/** What was found out about each server while a primary was looked for. */
export function serversOf({ reason }: MongoServerSelectionError): readonly ServerDescription[] {
  return reason === undefined ? [] : [...reason.servers.values()];
}

/** For the operator: what the driver said, and of a search for a primary what each server said. Names addresses. */
export function detailOf(thrown: unknown): string {
  const error = rootOf(thrown);
  if (!(error instanceof Error)) return String(error);
  if (!(error instanceof MongoServerSelectionError)) return error.message;
  const servers = serversOf(error).map(({ address, type, error: cause }) => {
    return cause === null ? `${address} is ${type}` : `${address}: ${cause.message}`;
  });
  return servers.length === 0 ? error.message : servers.slice(0, MAX_SERVERS).join('; ');
}
