import type { IncomingMessage, ServerResponse } from 'node:http';
import { Query } from './query.js';

/** The path parameters of a route. */
export type Params = Readonly<Record<string, string | undefined>>;

/** One request and its response, with what the checks have found out about it. */
export class Exchange {
  /** The project as text; null: the global project. Set by the project check. */
  project: string | null = null;
  /** As 32 lower-case hexadecimal digits; null when none was sent. Set by the client id check. */
  clientId: string | null = null;
  /** Ends what the core is doing for this request; set while a call is under way. */
  cancel: (() => void) | null = null;
  /** True once the client is gone or the gateway has ended the wait. */
  abandoned = false;
  #query: Query | undefined;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    /** The request's target as received, in origin form: path and query. */
    readonly target: string,
    readonly params: Params,
    readonly requestId: string,
  ) {}

  /** The path as received, without the query. */
  get path(): string {
    const cut = this.target.indexOf('?');
    return cut < 0 ? this.target : this.target.slice(0, cut);
  }

  get query(): Query {
    return (this.#query ??= this.#parseQuery());
  }

  #parseQuery(): Query {
    const cut = this.target.indexOf('?');
    return cut < 0 ? Query.EMPTY : Query.parse(this.target.slice(cut + 1));
  }

  /** A request header's value, as text of its bytes. */
  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  }

  /** Gives up: the call under way is cancelled. */
  abandon(): void {
    this.abandoned = true;
    this.cancel?.();
  }
}

/** The name of the queue in the path; its form has been checked. */
export function queueOf(exchange: Exchange): string {
  return exchange.params['queue_name'] ?? '';
}
