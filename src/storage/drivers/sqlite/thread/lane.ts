/** A way to the methods of a role's logic, wherever it runs. */
export interface Lane<T> {
  /** Calls a method; rejects with what it throws, or with STORAGE_UNAVAILABLE when nobody is there to answer. */
  call<K extends MethodOf<T>>(method: K, ...args: ArgsOf<T[K]>): Promise<ResultOf<T[K]>>;
  /** Lets calls under way finish, and ends. */
  close(): Promise<void>;
}

/** The names of the methods of `T`. */
export type MethodOf<T> = { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? K : never }[keyof T] & string;
/** The arguments of a method. */
export type ArgsOf<F> = F extends (...args: infer A) => unknown ? A : never;
/** The result of a method. */
export type ResultOf<F> = F extends (...args: never[]) => infer R ? R : never;
