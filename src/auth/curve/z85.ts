/** CURVE keys as text: ZeroMQ's Z85 (RFC 32), 40 characters for 32 bytes. */

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

/** Bytes of a CURVE key. */
export const KEY_BYTES = 32;

/** The text of bytes whose number is a multiple of 4. */
export function encodeZ85(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const word = view.getUint32(at);
    for (let power = 85 ** 4; power >= 1; power /= 85) text += ALPHABET[Math.floor(word / power) % 85];
  }
  return text;
}

/** The key that a text names; null when it is not one. */
export function decodeKey(text: string): Buffer | null {
  if (text.length !== (KEY_BYTES / 4) * 5) return null;
  const key = Buffer.alloc(KEY_BYTES);
  for (let at = 0; at < text.length; at += 5) {
    let word = 0;
    for (const letter of text.slice(at, at + 5)) {
      const digit = ALPHABET.indexOf(letter);
      if (digit === -1) return null;
      word = word * 85 + digit;
    }
    if (word > 0xffffffff) return null;
    key.writeUInt32BE(word, (at / 5) * 4);
  }
  return key;
}
