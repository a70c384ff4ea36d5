export { ClientKeys, type ClientKey } from './client-keys.js';
export { keyPairText, makeKeyPair, readSecretKey, type KeyPair } from './key-pair.js';
export { isAnswer, makeChallenge, sharedKey, type Challenge } from './proof.js';
