import { randomBytes } from 'node:crypto';
import type { QueueRef } from '../storage/ports/index.js';

/** 128 random bits as an incarnation's uid. */
export function freshRef(): QueueRef {
  return { uid: randomBytes(16).toString('hex'), pool: 'default' };
}

/** 96 random bits as the batch part of message ids. */
export function freshBatch(): string {
  return randomBytes(12).toString('base64url');
}

/** An id that no claim has had. */
export function freshClaim(): string {
  return `c${randomBytes(16).toString('base64url')}`;
}

/** 128 random bits as a poster's client id. */
export function freshClient(): string {
  return randomBytes(16).toString('hex');
}
