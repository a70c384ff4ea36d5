import type { Answer } from '../http/answer.js';
import type { Exchange } from '../http/exchange.js';

/** The methods that resources of the API have. */
export type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';

/** What one method of a resource does. */
export interface Operation {
  /** Its name in metrics, traces and the OpenAPI document: `post-messages`. */
  readonly name: string;
  readonly run: (exchange: Exchange) => Answer | Promise<Answer>;
  /** True for what is answered even when all places for requests are taken. */
  readonly always?: true;
  /** True for what brings work in: refused first when many requests are under way. */
  readonly intake?: true;
  /** The media type that it answers in, where that is not JSON. */
  readonly type?: string;
}

/** A path of the API and what can be done there. */
export interface Resource {
  /** With parameters as Express writes them: `/v1/queues/:queue_name`. */
  readonly path: string;
  readonly methods: Readonly<Partial<Record<Method, Operation>>>;
}

/** The methods of a resource, as the Allow header lists them. */
export function allowed(resource: Resource): string {
  return Object.keys(resource.methods).join(', ');
}
