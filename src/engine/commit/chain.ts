/**
 * Posts of which each is to be stored only if those before it were. They are submitted in their order to one lane. Once
 * one has failed, those that wait are rejected when they would be taken into a commit. Within one commit nothing needs
 * a rule: what refuses one post without a key (no queue, no room) refuses all posts after it, too.
 */
export interface Chain {
  /** One of its posts was not stored, or nobody knows whether it was. */
  broken: boolean;
}
