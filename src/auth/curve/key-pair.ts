import { readFileSync } from 'node:fs';
import nacl from 'tweetnacl';
import { decodeKey, encodeZ85 } from './z85.js';

/** A CURVE key pair, 32 bytes each. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** A pair as text. */
export interface KeyPairText {
  readonly publicKey: string;
  readonly secretKey: string;
}

/** Makes a pair. */
export function makeKeyPair(): KeyPairText {
  return keyPairText(nacl.box.keyPair());
}

/** The pair in Z85. */
export function keyPairText({ publicKey, secretKey }: KeyPair): KeyPairText {
  return { publicKey: encodeZ85(publicKey), secretKey: encodeZ85(secretKey) };
}

/** Reads the file of a secret key, as `marconi keys` makes it. Throws with its name, and nothing of its content. */
export function readSecretKey(path: string): KeyPair {
  const secret = decodeKey(readText(path).trim());
  if (secret === null) throw new Error(`${path}: expected a CURVE secret key of 40 Z85 characters`);
  return nacl.box.keyPair.fromSecretKey(secret);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`${path}: the key cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
