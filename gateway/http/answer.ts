import type { ServerResponse } from 'node:http';
import type { Problem } from './problem.js';

/** What a handler answers. A body is JSON unless `type` says otherwise. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Media type of the body; `application/json` when absent. */
  readonly type?: string;
}

/** 204: done, nothing to show. */
export const NO_CONTENT: Answer = { status: 204 };

/** Sends the answer, once, with its length. */
export function send(response: ServerResponse, { status, headers, body, type }: Answer): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.statusCode = status;
  for (const name in headers) response.setHeader(name, headers[name] as string);
  if (body !== undefined) {
    response.setHeader('Content-Type', type ?? 'application/json');
    response.setHeader('Content-Length', Buffer.byteLength(body));
  } else if (status !== 204) {
    response.setHeader('Content-Length', 0);
  }
  response.end(body);
}

/** The error document: title and description, and where to read on for 406 (spec rest-v1 1.6). */
export function problemAnswer(problem: Problem): Answer {
  const { status, title, message: description, retryAfter } = problem;
  const link = status === 406 ? { link: { text: 'API documentation', href: '/docs', rel: 'help' } } : {};
  return {
    status,
    body: JSON.stringify({ title, description, ...link }),
    ...(retryAfter === undefined ? {} : { headers: { 'Retry-After': String(retryAfter) } }),
  };
}
