import { once } from 'node:events';
import { createConnection } from 'node:net';
import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';

/** A bare HTTP/2 connection to `HOST:PORT` or `unix:PATH`: for what no gRPC client would do. Errors are what these tests are about, so none is thrown. */
export async function connectHttp2(address: string): Promise<ClientHttp2Session> {
  const path = address.startsWith('unix:') ? address.slice('unix:'.length) : null;
  const session =
    path === null
      ? connect(`http://${address}`)
      : connect('http://localhost', { createConnection: () => createConnection(path) });
  session.on('error', () => undefined);
  await once(session, 'remoteSettings');
  return session;
}

/** Opens a gRPC call and sends no body. */
export function openCall(session: ClientHttp2Session, path: string, headers = {}): ClientHttp2Stream {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  stream.on('error', () => undefined);
  stream.resume();
  return stream;
}

/** A message in gRPC's framing. */
export function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** An empty message in gRPC's framing. */
export const EMPTY_MESSAGE = framed(new Uint8Array());

/** How a bare call ended: the status in its headers or trailers, or the code of its reset. */
export interface BareOutcome {
  readonly status: string | undefined;
  readonly details: Buffer | undefined;
  readonly rstCode: number;
}

/** Waits for the end of a bare call. */
export function outcomeOf(stream: ClientHttp2Stream): Promise<BareOutcome> {
  let status: string | undefined;
  let details: Buffer | undefined;
  const read = (headers: NodeJS.Dict<string | string[]>) => {
    status = (headers['grpc-status'] as string | undefined) ?? status;
    const encoded = headers['grpc-status-details-bin'] as string | undefined;
    if (encoded !== undefined) details = Buffer.from(encoded, 'base64');
  };
  stream.on('response', read);
  stream.on('trailers', read);
  return new Promise((resolve) => {
    stream.once('close', () => resolve({ status, details, rstCode: stream.rstCode ?? 0 }));
  });
}

/** The code of the GOAWAY that ends the session; null when it ends without. */
export function goawayOf(session: ClientHttp2Session): Promise<number | null> {
  let code: number | null = null;
  session.once('goaway', (sent: number) => {
    code = sent;
  });
  return new Promise((resolve) => session.once('close', () => resolve(code)));
}

export const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR, NGHTTP2_ENHANCE_YOUR_CALM, NGHTTP2_REFUSED_STREAM } = constants;
