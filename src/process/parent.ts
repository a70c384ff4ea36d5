/** The process that started this one with a channel between them; null when there is none. */
export interface ParentLink {
  send(message: object): void;
  /** Called with each message of the parent. */
  onMessage(listener: (message: unknown) => void): void;
  /** Called when the parent is gone, by whatever end. */
  onGone(listener: () => void): void;
}

/** The link to the parent; null when this process was started without one. */
export function parentLink(): ParentLink | null {
  if (process.send === undefined) return null;
  return {
    send: (message) => void process.send?.(message),
    onMessage: (listener) => void process.on('message', listener),
    onGone: (listener) => void process.on('disconnect', listener),
  };
}
