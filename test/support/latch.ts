/** A gate that a test opens once. */
export interface Latch {
  readonly opened: Promise<void>;
  open(): void;
}

/** A gate that is shut. */
export function shutLatch(): Latch {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
