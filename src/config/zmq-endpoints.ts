import { z } from 'zod';
import { MAX_PROJECT_LENGTH } from '../domain/principal.js';
import { isQueueName } from '../domain/queue-name.js';
import { isLocal, parseListen } from './listen.js';

/** A ZeroMQ endpoint that belongs to one project. */
export interface ZmqEndpoint {
  /** `pull`: takes posts. */
  readonly role: 'pull';
  /** `tcp://HOST:PORT` or `ipc://PATH`. */
  readonly listen: string;
  /** Everything that comes in is of this project; null: the global project. */
  readonly project: string | null;
  /** The queues that it takes posts for; none: all of the project. */
  readonly queues: readonly string[];
  /** The ZAP domain, one for each endpoint. */
  readonly domain: string;
  /** The file of client keys that may connect; empty: `zmq.clientKeys`. */
  readonly clientKeys: string;
}

/** More is a mistake. */
const MAX_ENDPOINTS = 64;
const MAX_QUEUES = 1_024;

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

const project = z.string().refine((text) => text !== '' && [...text].length <= MAX_PROJECT_LENGTH);

const ENDPOINT = z.strictObject({
  role: z.literal('pull'),
  listen: z.string().refine(isZmqAddress),
  project: project.nullable(),
  queues: z.array(z.string().refine(isQueueName)).max(MAX_QUEUES).default([]),
  domain: z
    .string()
    .regex(/^[\w.:-]{1,64}$/)
    .optional(),
  clientKeys: z.string().default(''),
});

/** What the text is to be, in words. */
export const ZMQ_ENDPOINTS_FORM =
  'a list of endpoints, each with role (pull), listen (tcp://HOST:PORT or ipc://PATH) and project (a text, or null for ' +
  'the global one), and as you like queues, domain and clientKeys';

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
