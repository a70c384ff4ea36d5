/** The signals that ask a server to stop: the supervisor's, Ctrl-C, and the terminal that went away. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;

/** Calls `stop` at the first signal that asks for it, and `force` at every one after. */
export function onStopSignal(stop: (signal: string) => void, force: () => void): void {
  let stopping = false;
  for (const signal of STOP_SIGNALS) {
    process.on(signal, () => {
      if (stopping) return force();
      stopping = true;
      stop(signal);
    });
  }
}
