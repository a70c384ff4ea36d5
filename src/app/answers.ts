import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Milliseconds that the first answer may take. */
const ANSWER_LIMIT_MS = 10_000;

/** Resolves with the status when the URL answers at all; rejects when it does not. */
export function answers(url: string): Promise<number> {
  const target = new URL(url);
  const request = target.protocol === 'https:' ? httpsRequest : httpRequest;
  // The listener is this command's own: whether its certificate is to be trusted is for others to decide.
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    timeout: ANSWER_LIMIT_MS,
    rejectUnauthorized: false,
  };
  return new Promise((resolve, reject) => {
    const sent = request(target, options, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on('timeout', () => sent.destroy(new Error(`${url} did not answer within ${ANSWER_LIMIT_MS} ms.`)));
    sent.on('error', reject);
    sent.end();
  });
}
