/** Ends an interest. */
export type Unwatch = () => void;

/**
 * Tells of messages that came to be claimable through another process. Only a hint: one that is lost or comes late
 * delays a waiter until it next looks by itself, and one too many costs a look.
 */
export interface Signals {
  /** Calls back soon after another process posted to, released in or deleted the incarnation, until the interest ends. */
  watch(uid: string, changed: () => void): Unwatch;
}
