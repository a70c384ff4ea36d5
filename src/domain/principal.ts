/** A project id, literal text of 1 to 256 characters; null is the global project, a tenant of its own. */
export type Project = string | null;

/** The longest project id, in characters. */
export const MAX_PROJECT_LENGTH = 256;

/** Who calls. */
export interface Principal {
  /** The strategy that decided. */
  readonly strategy: 'none';
  /** The roles that the credential carries. */
  readonly roles: readonly string[];
}

/** Whose things a call may touch: every operation is confined to one project (semantics section 2). */
export interface TenantScope {
  readonly project: Project;
}
