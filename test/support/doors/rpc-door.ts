import { Acknowledgement_Outcome } from '../../../src/gen/marconi/v1/claims.js';
import { Durability, type Message, type PostMessagesResponse } from '../../../src/gen/marconi/v1/messages.js';
import type { Reason } from '../../../src/errors/reasons.js';
import type { RequestOf, ResponseOf, UnaryMethod } from '../../../src/transport/dispatch.js';
import type { Refusal } from '../rpc-refusal.js';
import {
  CLAIM_SPANS,
  DoorRefusal,
  type Caller,
  type Claimed,
  type Claiming,
  type ClaimShown,
  type Door,
  type DoorName,
  type Listing,
  type Outcome,
  type Page,
  type Posted,
  type PostKey,
  type QueueShown,
  type Receipt,
  type Shown,
  type Stats,
} from './door.js';

const Q = 'marconi.v1.QueueService';
const M = 'marconi.v1.MessageService';
const C = 'marconi.v1.ClaimService';

/** What a door of unary calls of the contract has to bring. */
export type Calls = <Name extends UnaryMethod>(
  method: Name,
  request: Partial<RequestOf<Name>>,
  caller: Caller,
  deadlineMs?: number,
) => Promise<ResponseOf<Name>>;

/** A door at which the contract's own messages are spoken. */
export class RpcDoor implements Door {
  constructor(
    readonly name: DoorName,
    protected readonly call: Calls,
    protected readonly caller: Caller,
  ) {}

  as(caller: Partial<Caller>): Door {
    return new RpcDoor(this.name, this.call, { ...this.caller, ...caller });
  }

  createQueue(queue: string): Promise<{ created: boolean }> {
    return this.unary(`${Q}/CreateQueue`, { queue });
  }

  async getQueue(queue: string): Promise<void> {
    await this.unary(`${Q}/GetQueue`, { queue });
  }

  async listQueues(page: Parameters<Door['listQueues']>[0] = {}): Promise<readonly QueueShown[]> {
    const { queues } = await this.unary(`${Q}/ListQueues`, page);
    return queues.map(({ name, metadata }) => ({ name, metadata: page.detailed ? metadata.toString() : null }));
  }

  async setMetadata(queue: string, metadata: Buffer): Promise<void> {
    await this.unary(`${Q}/SetQueueMetadata`, { queue, metadata });
  }

  async getMetadata(queue: string): Promise<Buffer> {
    return (await this.unary(`${Q}/GetQueueMetadata`, { queue })).metadata;
  }

  async stats(queue: string): Promise<Stats> {
    const { total, claimed, free, oldest, newest } = await this.unary(`${Q}/GetQueueStats`, { queue });
    const counts = { total: Number(total), claimed: Number(claimed), free: Number(free) };
    return { ...counts, oldest: oldest?.id ?? null, newest: newest?.id ?? null };
  }

  deleteQueue(queue: string): Promise<{ deleted: boolean }> {
    return this.unary(`${Q}/DeleteQueue`, { queue });
  }

  async post(queue: string, messages: readonly Posted[], key: PostKey = {}): Promise<Receipt> {
    return receiptOf(await this.unary(`${M}/PostMessages`, { queue, ...postOf(messages, key) }));
  }

  async list(queue: string, listing: Listing = {}): Promise<Page> {
    const { messages, nextMarker } = await this.unary(`${M}/ListMessages`, { queue, ...listing });
    return { messages: messages.map(shown), next: nextMarker };
  }

  async get(queue: string, id: string): Promise<Shown> {
    return shown((await this.unary(`${M}/GetMessage`, { queue, id })).message!);
  }

  /** Asks again for what did not fit. */
  async getMany(queue: string, ids: readonly string[]): Promise<readonly Shown[]> {
    const found: Shown[] = [];
    let missing = [...ids];
    do {
      const answer = await this.unary(`${M}/GetMessages`, { queue, ids: missing });
      found.push(...answer.messages.map(shown));
      missing = answer.omittedIds;
    } while (missing.length > 0);
    return found;
  }

  remove(queue: string, id: string, claim?: string): Promise<{ deleted: boolean }> {
    return this.unary(`${M}/DeleteMessage`, { queue, id, claimId: claim });
  }

  removeMany(queue: string, ids: readonly string[]): Promise<{ deleted: number }> {
    return this.unary(`${M}/DeleteMessages`, { queue, ids: [...ids] });
  }

  async pop(queue: string, limit?: number): Promise<readonly Shown[]> {
    return (await this.unary(`${M}/PopMessages`, { queue, limit })).messages.map(shown);
  }

  async claim(queue: string, claiming: Claiming = {}): Promise<Claimed | null> {
    const { ttl, grace, limit, wait, deadlineMs } = { ...CLAIM_SPANS, ...claiming };
    const spans = { ttlSeconds: ttl, graceSeconds: grace };
    const waiting = wait === undefined ? {} : { wait: { seconds: BigInt(wait), nanos: 0 } };
    const { claim } = await this.unary(`${C}/CreateClaim`, { queue, ...spans, limit, ...waiting }, deadlineMs);
    return claim === undefined ? null : { id: claim.id, messages: claim.messages.map(shown) };
  }

  async getClaim(queue: string, claimId: string): Promise<ClaimShown> {
    const { claim } = await this.unary(`${C}/GetClaim`, { queue, claimId });
    const { id, ttlSeconds, ageSeconds, messages } = claim!;
    return { id, ttl: ttlSeconds, age: Number(ageSeconds), messages: messages.map(shown) };
  }

  async renew(queue: string, claimId: string, spans: { ttl: number; grace?: number }): Promise<void> {
    await this.unary(`${C}/UpdateClaim`, { queue, claimId, ttlSeconds: spans.ttl, graceSeconds: spans.grace });
  }

  release(queue: string, claimId: string): Promise<{ released: number }> {
    return this.unary(`${C}/ReleaseClaim`, { queue, claimId });
  }

  async acknowledge(queue: string, claimId: string, ids: readonly string[]): Promise<readonly Outcome[]> {
    const { acknowledgements } = await this.unary(`${C}/AcknowledgeMessages`, { queue, claimId, ids: [...ids] });
    return outcomesOf(acknowledgements, ids);
  }

  close(): void {
    // Unary calls hold nothing open.
  }

  private unary<Name extends UnaryMethod>(method: Name, request: Partial<RequestOf<Name>>, deadlineMs?: number) {
    return this.call(method, request, this.caller, deadlineMs);
  }
}

/** Messages and key as the contract has them. */
export function postOf(messages: readonly Posted[], { producer, sequence }: PostKey) {
  return {
    messages: messages.map(({ body, ttl, contentType = '' }) => ({ body, ttlSeconds: ttl, contentType })),
    producerId: producer,
    producerSequence: sequence,
  };
}

/** A message of the contract. */
export function shown(message: Message): Shown {
  const { id, body, marker, epoch, attempt, contentType, ttlSeconds, ageSeconds } = message;
  return { id, body, marker, epoch, attempt, contentType, ttl: ttlSeconds, age: Number(ageSeconds) };
}

/** A receipt of the contract. */
export function receiptOf({ ids, markers, durability, duplicate }: PostMessagesResponse): Receipt {
  return { ids, markers, durability: Durability[durability].replace('DURABILITY_', ''), duplicate };
}

const OUTCOMES: Readonly<Record<number, Outcome>> = {
  [Acknowledgement_Outcome.OUTCOME_ACKNOWLEDGED]: 'ACKNOWLEDGED',
  [Acknowledgement_Outcome.OUTCOME_ALREADY_GONE]: 'ALREADY_GONE',
  [Acknowledgement_Outcome.OUTCOME_CLAIM_LOST]: 'CLAIM_LOST',
};

/** Outcomes of the contract; they must be those of the ids that were sent, in their order. */
export function outcomesOf(
  acknowledgements: readonly { id: string; outcome: Acknowledgement_Outcome }[],
  ids: readonly string[],
): Outcome[] {
  expect(acknowledgements.map(({ id }) => id)).toEqual(ids);
  return acknowledgements.map(({ outcome }) => OUTCOMES[outcome]!);
}

/** Streams name fields by their place in the first request. */
const FIELD_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(marconi-project-bin|x-project-id)$/, 'project'],
  [/^start\.max_messages$/, 'limit'],
  [/^start\./, ''],
];

/** A refusal of the contract in words of no door. */
export function doorRefusal({ reason, fields, message, retryMs }: Refusal): DoorRefusal {
  const plain = fields.map((field) =>
    FIELD_WORDS.reduce((text, [pattern, word]) => text.replace(pattern, word), field),
  );
  return new DoorRefusal(reason as Reason, plain, message, retryMs !== null);
}
