import { randomBytes } from 'node:crypto';
import { formatMessageId } from '../../../../src/domain/message-id.js';
import { MarconiError } from '../../../../src/errors/marconi-error.js';
import type { MessageOp, OutcomeOf, QueueRef, Storage, StoredMessage } from '../../../../src/storage/ports/index.js';
import type { Removal, Sighting } from '../operations.js';
import type { QueueAccess } from './queue-access.js';

const MAX_BYTES = 3 * 1024 * 1024;
const OUTCOMES = { acknowledged: 'removed', alreadyGone: 'absent', claimLost: 'refused' } as const;
const KEY_WINDOW = 3_600;

/** Opens a new queue of a storage, to be used without an engine: one step at a time, at the time that `now` gives. */
export async function overStorage(storage: Storage, now: () => number): Promise<QueueAccess> {
  const queue: QueueRef = { uid: randomBytes(16).toString('hex'), pool: 'default' };
  let last: Promise<unknown> = Promise.resolve();
  const apply = async <Op extends MessageOp>(op: Op): Promise<Exclude<OutcomeOf<Op>, { kind: 'gone' }>> => {
    const turn = last.then(() => storage.messages.apply({ ops: [op], now: now() }));
    last = turn.catch(() => undefined);
    const [outcome] = await turn;
    if (!outcome || outcome.kind === 'gone') throw new MarconiError('QUEUE_NOT_FOUND', 'The queue is gone.');
    if (outcome.kind === 'full') throw new MarconiError('STORAGE_FULL', 'The storage is full.');
    return outcome as Exclude<OutcomeOf<Op>, { kind: 'gone' }>;
  };
  await apply({ kind: 'open', queue });

  return {
    name: queue.uid,
    async post(values, ttl, repeat) {
      const messages = values.map((value) => ({ body: Buffer.from(value), contentType: 'text/plain', ttl }));
      const fingerprint = values.join(' ');
      const key = repeat && { ...repeat, sequence: String(repeat.sequence), fingerprint, window: KEY_WINDOW };
      const batch = randomBytes(12).toString('base64url');
      const outcome = await apply({ kind: 'post', queue, batch, poster: null, messages, key });
      if (outcome.kind !== 'posted') throw new MarconiError('PRODUCER_KEY_REUSED', 'The key is taken.');
      const { batch: stored, first } = outcome;
      const ids = values.map((_, index) => formatMessageId(stored, index));
      return { ids, markers: values.map((_, index) => first + index) };
    },
    async claim(ttl, grace, limit) {
      const claim = randomBytes(16).toString('base64url');
      const outcome = await apply({ kind: 'claimNext', queue, claim, ttl, grace, limit, maxBytes: MAX_BYTES });
      return outcome.kind === 'claimed' ? { claim, messages: outcome.claim.messages.map(sighting) } : null;
    },
    async remove(ids, claim): Promise<readonly Removal[]> {
      if (claim !== null)
        return (await apply({ kind: 'acknowledgeIfHolder', queue, claim, ids })).outcomes.map((text) => OUTCOMES[text]);
      await apply({ kind: 'deleteAll', queue, ids });
      return ids.map(() => 'gone');
    },
    release: async (claim) => (await apply({ kind: 'releaseIfLive', queue, claim })).count > 0,
    renew: async (claim, ttl, grace) =>
      (await apply({ kind: 'renewIfLive', queue, claim, ttl, grace })).kind === 'renewed',
    async list(after, limit) {
      const position = { kind: 'after', marker: Number(after) } as const;
      const query = { queue, position, limit, without: null, includeClaimed: true, maxBytes: MAX_BYTES, now: now() };
      const page = await storage.messages.list(query);
      if (page.kind === 'gone') throw new MarconiError('QUEUE_NOT_FOUND', 'The queue is gone.');
      return { messages: page.messages.map(sighting), next: String(page.messages.at(-1)?.marker ?? after) };
    },
  };
}

/** A stored message as histories know it: the body is its value. */
export function sighting({ id, body, epoch, marker }: StoredMessage): Sighting {
  return { id, value: Buffer.from(body).toString(), epoch, marker };
}
