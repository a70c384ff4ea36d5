import {
  MongoClientClosedError,
  MongoCompatibilityError,
  MongoError,
  MongoErrorLabel,
  MongoExpiredSessionError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoRuntimeError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from 'mongodb';
import { MarconiError } from '../../../errors/marconi-error.js';
import type { Reason } from '../../../errors/reasons.js';
import { codesOf, isUnconfirmed, rootOf, serversOf } from './error-facts.js';

/** The server's code for a unique key that is taken. */
export const DUPLICATE_KEY = 11_000;

/** The member that was asked is no primary any more, or ends. */
const NO_PRIMARY = [91, 189, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436];
/** The server lost its way to another one, ran out of time for a step, or has nothing that a majority has yet. */
const PASSING = [6, 7, 89, 134, 262, 9_001];
/** WriteConflict, and what DocumentDB calls a deadlock. */
const CONTENTION = [112, 16_908_292];
/** UserNotFound, AuthenticationFailed. */
const CREDENTIALS = [11, 18];
/** Unauthorized. */
const RIGHTS = [13];
/** UnknownReplWriteConcern, UnsatisfiableWriteConcern: waiting brings no majority. */
const NO_MAJORITY = [79, 100];
/** MaxTimeMSExpired, and WriteConcernTimeout where it comes as an error of the command. */
const LATE = [50, 64];
/** OutOfDiskSpace, and the old code of a quota. */
const FULL = [12_501, 14_031];
const FULL_TEXT = /space quota|quota exceeded|out of disk space|no space left|disk full/i;
/** Classes that the package does not export. */
const POOL_EXHAUSTED = 'MongoWaitQueueTimeoutError';
const POOL_CLOSED = 'MongoPoolClosedError';

const RETRYABLE = new Set([...NO_PRIMARY, ...PASSING, ...CONTENTION]);
const RETRYABLE_LABELS = [MongoErrorLabel.RetryableWriteError, MongoErrorLabel.RetryableError];

/** Milliseconds: a new primary or a lost node is back in seconds at the best. */
const OUTAGE_RETRY_MS = 1_000;
/** Milliseconds: connections come free as commands end. */
const CROWD_RETRY_MS = 250;

const UNKNOWN = 'whether a change was stored is not known';

type Test = (error: MongoError) => boolean;

const has =
  (codes: readonly number[]): Test =>
  (error) =>
    codesOf(error).some((code) => codes.includes(code));

const isVersionRefusal: Test = (error) =>
  error instanceof MongoCompatibilityError ||
  (error instanceof MongoServerSelectionError && serversOf(error).some((server) => isIncompatible(server.error)));

const isIncompatible = (error: unknown): boolean => error instanceof MongoCompatibilityError;

const isClosed: Test = (error) =>
  error instanceof MongoClientClosedError ||
  error instanceof MongoTopologyClosedError ||
  error instanceof MongoServerClosedError ||
  error instanceof MongoNotConnectedError ||
  // Closing ends the sessions of what is under way.
  error instanceof MongoExpiredSessionError ||
  error.name === POOL_CLOSED;

const isOverloaded: Test = (error) => error.hasErrorLabel(MongoErrorLabel.SystemOverloadedError);

const isSheddingLoad: Test = (error) => error instanceof MongoServerError && isOverloaded(error);

/**
 * The driver labels a connection that could not be made as if the server shed load. Until its monitor sees that the
 * server is away, that is what a command fails with.
 */
const isUnreachable: Test = (error) =>
  error instanceof MongoServerSelectionError || (error instanceof MongoNetworkError && isOverloaded(error));

const isBroken: Test = (error) => error instanceof MongoNetworkError || error instanceof MongoRuntimeError;

/** The first row that applies counts. The texts go to callers: they name no address. */
const ROWS: readonly (readonly [Test, Reason, string])[] = [
  [(error) => has(FULL)(error) || FULL_TEXT.test(error.message), 'STORAGE_FULL', 'The database has no room for more.'],
  [({ name }) => name === POOL_EXHAUSTED, 'OVERLOADED', 'All connections to the database are in use.'],
  [isSheddingLoad, 'OVERLOADED', 'The database has more work than it takes in.'],
  [has(CONTENTION), 'OVERLOADED', 'Too many changes to the same data at once.'],
  [has(CREDENTIALS), 'STORAGE_UNAVAILABLE', 'The database refused the credentials of the storage URI.'],
  [has(RIGHTS), 'STORAGE_UNAVAILABLE', 'The database user lacks a right that Marconi needs.'],
  [has(NO_MAJORITY), 'STORAGE_UNAVAILABLE', 'The database has not enough nodes for a majority.'],
  [has(NO_PRIMARY), 'STORAGE_UNAVAILABLE', `The database changed its primary; ${UNKNOWN}.`],
  [isUnconfirmed, 'STORAGE_UNAVAILABLE', `No majority of the database's nodes confirmed the change; ${UNKNOWN}.`],
  [has([...PASSING, ...LATE]), 'STORAGE_UNAVAILABLE', `The database did not finish in time; ${UNKNOWN}.`],
  [
    isVersionRefusal,
    'STORAGE_UNAVAILABLE',
    'The database is of a version that Marconi does not work with: MongoDB 4.4 or newer is needed.',
  ],
  [isUnreachable, 'STORAGE_UNAVAILABLE', 'No primary of the database can be reached.'],
  [isClosed, 'STORAGE_UNAVAILABLE', 'The connection to the database is closed.'],
  [isBroken, 'STORAGE_UNAVAILABLE', `The database did not answer; ${UNKNOWN}.`],
  [(error) => error instanceof MongoServerError, 'STORAGE_UNAVAILABLE', 'The database refused a command.'],
];

/**
 * What the driver threw, as an error of Marconi: STORAGE_FULL, OVERLOADED (the command that failed changed
 * nothing) or STORAGE_UNAVAILABLE; what does not come from the database is INTERNAL. The cause is kept for the log.
 */
export function failure(thrown: unknown): MarconiError {
  if (thrown instanceof MarconiError) return thrown;
  const error = rootOf(thrown);
  const found = error instanceof MongoError ? ROWS.find(([applies]) => applies(error)) : undefined;
  if (found === undefined) return MarconiError.from(thrown);
  const [, reason, text] = found;
  const retryAfterMs = reason === 'OVERLOADED' ? CROWD_RETRY_MS : OUTAGE_RETRY_MS;
  return new MarconiError(reason, text, { retryAfterMs, cause: thrown });
}

/** As `failure`, of a step that may have stored something already: never a refusal, after which nothing is stored. */
export function failureHalfWay(thrown: unknown): MarconiError {
  const error = failure(thrown);
  if (error.reason !== 'OVERLOADED' && error.reason !== 'STORAGE_FULL') return error;
  const details = { retryAfterMs: error.retryAfterMs ?? OUTAGE_RETRY_MS, cause: thrown };
  return new MarconiError('STORAGE_UNAVAILABLE', `The database did not finish; ${UNKNOWN}.`, details);
}

/** Does what follows the first write of a step. */
export async function halfWay<T>(rest: () => Promise<T>): Promise<T> {
  try {
    return await rest();
  } catch (error) {
    throw failureHalfWay(error);
  }
}

/** True when all that went wrong is that unique keys are taken. */
export function isDuplicateKey(thrown: unknown): boolean {
  const error = rootOf(thrown);
  const codes = codesOf(error);
  return codes.length > 0 && codes.every((code) => code === DUPLICATE_KEY) && !isUnconfirmed(error);
}

/**
 * True when trying an idempotent step again may well succeed at once: after a broken connection, a change of primary, a
 * conflict. Not for a majority that is missing, or a primary that was looked for in vain for long enough.
 */
export function isRetryable(thrown: unknown): boolean {
  const error = rootOf(thrown);
  if (!(error instanceof MongoError)) return false;
  if (error instanceof MongoNetworkError || RETRYABLE_LABELS.some((label) => error.hasErrorLabel(label))) return true;
  const codes = codesOf(error);
  return (
    codes.some((code) => RETRYABLE.has(code)) && codes.every((code) => RETRYABLE.has(code) || code === DUPLICATE_KEY)
  );
}
