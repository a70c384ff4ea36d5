import type { IncomingMessage } from 'node:http';
import { MarconiError } from '../../src/errors/marconi-error.js';
import { Problem } from '../http/problem.js';

/** Bytes of a body that is too long which are read and dropped, so that the client sees the answer (rest-v1 1.2). */
const DRAIN_BYTES = 16 * 1024 * 1024;

/**
 * Reads the body, at most `limit` bytes: what is beyond is never kept, but read up to 16 MiB before the 400. Rejects
 * with a Problem when it is longer or empty, with CANCELLED when the client went away.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  if (Number(request.headers['content-length'] ?? 0) > DRAIN_BYTES) return Promise.reject(tooLong(limit));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (length > DRAIN_BYTES) reject(tooLong(limit));
    });
    request.on('end', () => {
      if (length > limit) reject(tooLong(limit));
      else if (length === 0) reject(new Problem('invalidBody', 'A request body is required.'));
      else resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks));
    });
    request.on('close', () => {
      if (!request.complete) reject(new MarconiError('CANCELLED', 'The client went away.'));
    });
  });
}

/** True when the body was, or promises to be, so long that the connection is better closed than read to its end. */
export function isBeyondDraining(request: IncomingMessage): boolean {
  return Number(request.headers['content-length'] ?? 0) > DRAIN_BYTES;
}

function tooLong(limit: number): Problem {
  return new Problem('invalidRequest', `The request body must have at most ${limit} bytes.`);
}
