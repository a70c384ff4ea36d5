import { onStopSignal } from '../process/signals.js';
import type { Logger } from '../telemetry/log.js';

/** Why a server ends. */
export type EndReason = { readonly kind: 'signal'; readonly signal: string } | { readonly kind: 'failure' };

/** The end of a server: asked for by a signal, or brought about by a failure. */
export interface Lifecycle {
  /** Resolves once, with the first reason to end. */
  readonly ended: Promise<EndReason>;
  /** The server cannot go on. */
  fail(): void;
}

/**
 * Listens to the signals from now on, so that one which comes while the server starts is not lost. A second signal
 * ends the process at once with 1, after `force` has been called.
 */
export function lifecycle(force: () => void): Lifecycle {
  let end: (reason: EndReason) => void = () => undefined;
  const ended = new Promise<EndReason>((resolve) => (end = resolve));
  onStopSignal(
    (signal) => end({ kind: 'signal', signal }),
    () => {
      force();
      process.exit(1);
    },
  );
  return { ended, fail: () => end({ kind: 'failure' }) };
}

/** Waits for the end, stops the server, and answers the exit code: 0 when it was asked to stop and could. */
export async function runUntilEnded(life: Lifecycle, log: Logger, stop: () => Promise<void>): Promise<number> {
  const reason = await life.ended;
  log.info(reason, 'stopping');
  try {
    await stop();
  } catch (error) {
    log.error({ err: error }, 'stopping failed');
    return 1;
  }
  log.info('stopped');
  return reason.kind === 'signal' ? 0 : 1;
}
