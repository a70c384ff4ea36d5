import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { KeyPair } from '../../auth/curve/index.js';
import type { Project } from '../../domain/principal.js';
import { MAX_TOPIC_BYTES, TOPIC_LIFE_SECONDS, TOPIC_STEP_SECONDS } from './limits.js';

/** The queue that a topic is of. */
export interface TopicQueue {
  readonly project: Project;
  readonly queue: string;
}

/** A topic that the server made and that is not over. */
export interface Topic extends TopicQueue {
  /** Byte for byte, ASCII. */
  readonly text: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

const KEY_BYTES = 32;
const EXPIRY_BYTES = 6;
const MAC_BYTES = 16;
/** The capability in base64url, the project, the queue's name. */
const FORM = /^([\w-]{30})\/([^/]*)\/([^/]+)$/;

/**
 * The key of the topics. It comes from the server's CURVE key, so that topics hold over a restart and on every core that
 * has the key. Where there is no CURVE it comes from nothing secret: the sockets are on this machine only and whoever
 * reaches the router is granted any topic, so there is nothing to protect, and a random key would only break the
 * subscriptions that come back after a restart.
 */
export function topicKey(server: KeyPair | null): Buffer {
  const secret = server === null ? Buffer.from('no secret') : server.secretKey;
  return Buffer.from(hkdfSync('sha256', secret, '', 'marconi zmq topics', KEY_BYTES));
}

/**
 * Topics are capabilities: who knows one may follow its queue until it is over. One is
 * `CAPABILITY/PROJECT/QUEUE`: the capability is expiry and MAC, base64url; the project is percent-encoded and empty for
 * the global one, which no other project is.
 */
export class Topics {
  /** @param now seconds since 1970 */
  constructor(
    private readonly key: Buffer,
    private readonly now: () => number,
  ) {}

  /** The topic of a queue at an endpoint; the same one for all who ask within an hour, so that they share it. */
  grant(endpoint: string, { project, queue }: TopicQueue): Topic {
    const expires = Math.ceil((this.now() + TOPIC_LIFE_SECONDS) / TOPIC_STEP_SECONDS) * TOPIC_STEP_SECONDS;
    const name = `${project === null ? '' : encodeURIComponent(project)}/${queue}`;
    const expiry = Buffer.alloc(EXPIRY_BYTES);
    expiry.writeUIntBE(expires, 0, EXPIRY_BYTES);
    const capability = Buffer.concat([expiry, this.mac(endpoint, expiry, name)]);
    return { project, queue, expires, text: `${capability.toString('base64url')}/${name}` };
  }

  /** Reads what a client subscribed to; null unless it is a whole topic of this endpoint, as it was granted, and not over. */
  read(endpoint: string, bytes: Buffer): Topic | null {
    if (bytes.length > MAX_TOPIC_BYTES) return null;
    const text = bytes.toString('latin1');
    const [, encoded = '', project = '', queue = ''] = FORM.exec(text) ?? [];
    const capability = Buffer.from(encoded, 'base64url');
    // Of base64 more than one text may mean the same bytes.
    if (encoded === '' || capability.toString('base64url') !== encoded) return null;
    const expiry = capability.subarray(0, EXPIRY_BYTES);
    const mac = this.mac(endpoint, expiry, `${project}/${queue}`);
    if (!timingSafeEqual(mac, capability.subarray(EXPIRY_BYTES))) return null;
    const expires = expiry.readUIntBE(0, EXPIRY_BYTES);
    if (expires <= this.now()) return null;
    return { text, expires, queue, project: project === '' ? null : decodeURIComponent(project) };
  }

  /** Names of endpoints have no slash, so no two of these read alike. */
  private mac(endpoint: string, expiry: Buffer, name: string): Buffer {
    const mac = createHmac('sha256', this.key).update(expiry).update(`${endpoint}/${name}`);
    return mac.digest().subarray(0, MAC_BYTES);
  }
}
