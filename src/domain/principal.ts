/** A project id, literal text of 1 to 256 characters; null is the global project, a tenant of its own. */
export type Project = string | null;

/** The longest project id, in characters. */
export const MAX_PROJECT_LENGTH = 256;

/** Who calls. */
export interface Principal {
  /** The strategy that decided; `curve`: a CURVE key of the ZeroMQ door. */
  readonly strategy: 'none' | 'curve';
  /** The roles that the credential carries; of a key its rights. */
  readonly roles: readonly string[];
}

/** Whose things a call may touch: every operation is confined to one project (semantics section 2). */
export interface TenantScope {
  readonly project: Project;
}
