import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';

/** What a request carries. An object or array as body is sent as JSON, text and bytes as they are. */
export interface RestOptions {
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
  readonly body?: unknown;
  /** Sends the body without its length. */
  readonly chunked?: boolean;
}

/** What came back. */
export interface RestResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests state the shapes that they expect
  readonly json: any;
}

/** A client id that tests post with unless told. */
export const CLIENT = '3381af92-2b9e-11e3-b191-71861300734c';
/** Another client. */
export const OTHER = '7d2f7a3e-0c4c-4a2b-9a5c-0d3f4a0b6f11';

let used = 0;

/** A name that no other test of this process uses. */
export const fresh = (prefix: string): string => `${prefix}-${process.pid}-${used++}`;

/** A plain HTTP client: paths are sent as they are written, headers too. */
export class RestClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(
    readonly url: string,
    private readonly headers: RestOptions['headers'] = {},
  ) {}

  /** The same server with other headers; undefined takes one away. */
  with(headers: RestOptions['headers']): RestClient {
    return new RestClient(this.url, { ...this.headers, ...headers });
  }

  get(path: string, options?: RestOptions) {
    return this.send('GET', path, options);
  }
  head(path: string, options?: RestOptions) {
    return this.send('HEAD', path, options);
  }
  put(path: string, body?: unknown, options?: RestOptions) {
    return this.send('PUT', path, { body, ...options });
  }
  post(path: string, body?: unknown, options?: RestOptions) {
    return this.send('POST', path, { body, ...options });
  }
  patch(path: string, body?: unknown, options?: RestOptions) {
    return this.send('PATCH', path, { body, ...options });
  }
  delete(path: string, options?: RestOptions) {
    return this.send('DELETE', path, options);
  }

  send(method: string, path: string, { headers, body, chunked }: RestOptions = {}): Promise<RestResponse> {
    const { hostname, port } = new URL(this.url);
    const bytes = toBytes(body);
    const all: Record<string, string | string[] | number | undefined> = { ...this.headers, ...headers };
    // Named, since Node.js frames no body by itself on GET, HEAD and DELETE.
    if (bytes !== undefined && chunked) all['Transfer-Encoding'] = 'chunked';
    else if (bytes !== undefined) all['Content-Length'] = bytes.length;
    const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return new Promise((resolve, reject) => {
      const options = { hostname: hostname.replace(/[[\]]/g, ''), port, method, path, agent: this.agent };
      const sent = httpRequest({ ...options, headers: given as Record<string, string> }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(read(response.statusCode ?? 0, response.headers, Buffer.concat(chunks))));
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(bytes);
    });
  }
}

function toBytes(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

function read(status: number, headers: IncomingHttpHeaders, bytes: Buffer): RestResponse {
  const text = bytes.toString();
  return {
    status,
    headers,
    bytes,
    text,
    get json(): unknown {
      return JSON.parse(text);
    },
  };
}
