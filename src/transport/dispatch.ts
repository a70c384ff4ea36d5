import { DISPATCH, type AuditClass, type Door, type LimitClass, type Right } from '../gen/dispatch.js';

export { DISPATCH };
export type { AuditClass, Door, LimitClass, Right };

/** A method of the contract: `marconi.v1.MessageService/PostMessages`. */
export type MethodName = keyof typeof DISPATCH;

/** A method of one request and one answer. */
export type UnaryMethod = {
  [M in MethodName]: (typeof DISPATCH)[M]['kind'] extends 'unary' ? M : never;
}[MethodName];

/** A method whose requests or answers are many. */
export type StreamMethod = Exclude<MethodName, UnaryMethod>;

/** The decoded request of a method. */
export type RequestOf<M extends MethodName> = ReturnType<(typeof DISPATCH)[M]['requestCodec']['decode']>;

/** The response of a method, before it is encoded. */
export type ResponseOf<M extends MethodName> = ReturnType<(typeof DISPATCH)[M]['responseCodec']['decode']>;

/** What every row has, for code that treats all methods alike. */
export interface DispatchRow {
  /** The HTTP/2 path. */
  readonly path: string;
  readonly service: string;
  readonly name: string;
  readonly kind: 'unary' | 'server_streaming' | 'client_streaming' | 'bidi_streaming';
  readonly right: Right;
  /** Relative cost of one call, 1 to 100. */
  readonly cost: number;
  readonly limitClass: LimitClass;
  readonly auditClass: AuditClass;
  readonly doors: readonly Door[];
  readonly request: string;
  readonly response: string;
}

/** All methods, in the order of their names. */
export const METHODS = Object.keys(DISPATCH) as readonly MethodName[];

/** The methods of one request and one answer. */
export const UNARY_METHODS: readonly UnaryMethod[] = METHODS.filter(isUnary);

/** The methods whose requests or answers are many. */
export const STREAM_METHODS = METHODS.filter((method) => !isUnary(method)) as readonly StreamMethod[];

/** The full names of all services. */
export const SERVICES: readonly string[] = [...new Set(METHODS.map((method) => DISPATCH[method].service))];

/** The row of a method. */
export function rowOf(method: MethodName): DispatchRow {
  return DISPATCH[method];
}

function isUnary(method: MethodName): method is UnaryMethod {
  return rowOf(method).kind === 'unary';
}
