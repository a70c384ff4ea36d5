import { z } from 'zod';
import { MAX_PROJECT_LENGTH } from '../domain/principal.js';
import { isQueueName } from '../domain/queue-name.js';
import { LEAST_SECONDS } from './limits.js';
import { isLocal, parseListen } from './listen.js';

/** What an endpoint does. */
export type ZmqRole = 'pull' | 'push' | 'pub';

/** A ZeroMQ endpoint that belongs to one project. */
export interface ZmqEndpoint {
  /** `pull` takes posts, `push` hands claimed messages to workers, `pub` publishes new messages. */
  readonly role: ZmqRole;
  /** `tcp://HOST:PORT` or `ipc://PATH`. */
  readonly listen: string;
  /** Everything that goes through it is of this project; null: the global project. */
  readonly project: string | null;
  /** The queues that it serves; none: all of the project, for `push` those that its workers name. */
  readonly queues: readonly string[];
  /** The ZAP domain, one for each endpoint. */
  readonly domain: string;
  /** The file of client keys that may connect; empty: `zmq.clientKeys`. */
  readonly clientKeys: string;
  /** Seconds that the claims of a `push` live. */
  readonly ttl: number;
  /** Seconds that their messages outlive them at the least. */
  readonly grace: number;
}

/** More is a mistake. */
const MAX_ENDPOINTS = 64;
const MAX_QUEUES = 1_024;
/** Domains of the endpoints that have options of their own. */
const TAKEN: readonly string[] = ['router', 'pull', 'push', 'pub'];
const MOST_CLAIM_SECONDS = 43_200;

/** Claims of a `push` live so long unless its endpoint says otherwise. */
export const PUSH_CLAIM_SECONDS = 60;

/** `tcp://HOST:PORT` or `ipc://PATH`. */
export function isZmqAddress(text: string): boolean {
  if (text.startsWith('ipc://')) return text.length > 'ipc://'.length && !text.includes('\0');
  return text.startsWith('tcp://') && parseListen(text.slice('tcp://'.length))?.kind === 'tcp';
}

/** True when only this machine can reach the address. */
export function isLocalZmqAddress(text: string): boolean {
  if (text.startsWith('ipc://')) return true;
  const address = parseListen(text.slice('tcp://'.length));
  return address !== null && isLocal(address);
}

const seconds = z.int().min(LEAST_SECONDS).max(MOST_CLAIM_SECONDS);
const project = z.string().refine((text) => text !== '' && [...text].length <= MAX_PROJECT_LENGTH);

const ENDPOINT = z.strictObject({
  role: z.enum(['pull', 'push', 'pub']),
  listen: z.string().refine(isZmqAddress),
  project: project.nullable(),
  queues: z.array(z.string().refine(isQueueName)).max(MAX_QUEUES).default([]),
  domain: z
    .string()
    .regex(/^[\w.:-]{1,64}$/)
    .refine((name) => !TAKEN.includes(name))
    .optional(),
  clientKeys: z.string().default(''),
  ttl: seconds.default(PUSH_CLAIM_SECONDS),
  grace: seconds.default(PUSH_CLAIM_SECONDS),
});

/** What the text is to be, in words. */
export const ZMQ_ENDPOINTS_FORM =
  'a list of endpoints, each with role (pull, push or pub), listen (tcp://HOST:PORT or ipc://PATH) and project (a text, or null for ' +
  'the global one), and as you like queues, domain, clientKeys and (of a push) ttl and grace in seconds, 60 to 43200';

/** Reads a JSON list of endpoints; nothing: none. Null when it is no such list. */
export function parseZmqEndpoints(text: string): readonly ZmqEndpoint[] | null {
  if (text === '') return [];
  try {
    const given = z.array(ENDPOINT).max(MAX_ENDPOINTS).parse(JSON.parse(text));
    return given.map((endpoint, index) => ({ ...endpoint, domain: endpoint.domain ?? `${endpoint.role}-${index}` }));
  } catch {
    return null;
  }
}
