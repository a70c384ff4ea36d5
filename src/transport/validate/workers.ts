import type { Limits } from '../../config/limits.js';
import type { WorkerCredit } from '../../gen/marconi/v1/envelope.js';
import { checkQueueName } from './common.js';
import { Violations } from './violations.js';

/** Messages that one worker may have unsettled. */
export const MAX_WORKER_CREDIT = 65_536;

/** Queues that one worker may name. */
export const MAX_WORKER_QUEUES = 256;

/** Checks what a worker bears. Throws INVALID_QUEUE_NAME, INVALID_REQUEST with all violations. */
export function checkWorkerCredit({ queues, messages, batch }: WorkerCredit, limits: Limits): void {
  const violations = new Violations();
  if (queues.length > MAX_WORKER_QUEUES) {
    violations.add('queues', `expected at most ${MAX_WORKER_QUEUES}; came ${queues.length}`);
  }
  if (new Set(queues).size < queues.length) violations.add('queues', 'expected each once; one comes twice');
  if (messages > MAX_WORKER_CREDIT) violations.add('messages', `expected 0 to ${MAX_WORKER_CREDIT}; came ${messages}`);
  const most = limits.maxMessagesPerClaim;
  if (batch > most) violations.add('batch', `expected 0 to ${most}; came ${batch}`);
  violations.check();
  queues.forEach(checkQueueName);
}
