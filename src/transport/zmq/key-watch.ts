import type { ClientKeys } from '../../auth/curve/index.js';
import type { Logger } from '../../telemetry/log.js';
import { KEY_FILE_CHECK_MS } from './limits.js';

/**
 * Looks at a file of client keys now and then. One that is not sound is told in the log and changes nothing.
 * @returns ends it
 */
export function watchKeys(keys: ClientKeys, log: Logger, onChange: () => Promise<void>): () => void {
  let isLooking = false;
  const look = async (): Promise<void> => {
    const found = await keys.reload();
    if (found === 'same') return;
    if (found !== 'changed') {
      log.error({ file: keys.path, detail: found.trouble.message }, 'the client keys stay as they were');
      return;
    }
    log.info({ file: keys.path }, 'client keys were read again');
    await onChange();
  };
  const timer = setInterval(() => {
    if (isLooking) return;
    isLooking = true;
    look()
      .catch((error: unknown) => log.error({ err: error }, 'client keys could not be put to use'))
      .finally(() => (isLooking = false));
  }, KEY_FILE_CHECK_MS).unref();
  return () => clearInterval(timer);
}
