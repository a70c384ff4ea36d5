import { randomBytes, timingSafeEqual } from 'node:crypto';
import nacl from 'tweetnacl';
import type { KeyPair } from './key-pair.js';

/** Begins every nonce of a challenge: no box of CURVE's own handshake has it, so neither passes for the other. */
const NONCE_PREFIX = Buffer.from('MarconiS');

const ANSWER_BYTES = 32;

/** A secret that only the holder of a key can read. */
export interface Challenge {
  readonly nonce: Buffer;
  readonly box: Buffer;
  /** What the holder answers. */
  readonly answer: Buffer;
}

/**
 * What both sides of two keys have in common (`crypto_box_beforenm`). It takes about a millisecond, unlike what is done
 * with it. @param clientKey 32 bytes
 */
export function sharedKey(server: KeyPair, clientKey: Uint8Array): Uint8Array {
  return nacl.box.before(clientKey, server.secretKey);
}

/** Boxes a fresh secret. @param shared from `sharedKey` */
export function makeChallenge(shared: Uint8Array): Challenge {
  const nonce = Buffer.concat([NONCE_PREFIX, randomBytes(nacl.box.nonceLength - NONCE_PREFIX.length)]);
  const answer = randomBytes(ANSWER_BYTES);
  return { nonce, box: Buffer.from(nacl.box.after(answer, nonce, shared)), answer };
}

/** True when the answer is the right one; takes the same time whatever is wrong with it. */
export function isAnswer({ answer }: Pick<Challenge, 'answer'>, given: Uint8Array): boolean {
  return given.length === answer.length && timingSafeEqual(given, answer);
}
