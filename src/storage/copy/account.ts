import { createHash, type Hash } from 'node:crypto';
import { HoldState } from '../../domain/life.js';
import type { Millis } from '../../domain/time.js';
import type { Transfer, WholeKey, WholeMessage, WholeQueue } from '../ports/index.js';
import { keyPages, messagePages } from './pages.js';

/** What a storage holds, as it reads back. */
export interface Account {
  readonly queues: number;
  readonly messages: number;
  readonly claimed: number;
  readonly keys: number;
  /** 64 hexadecimal digits over names, metadata, messages and producer records; the order of queues is none of it. */
  readonly checksum: string;
}

const BYTES = 32;

/** Counts queues and adds their digests up; a queue more or less, or one byte of one, changes the checksum. */
export class Accountant {
  private readonly sum = Buffer.alloc(BYTES);
  private queues = 0;
  private messages = 0;
  private claimed = 0;
  private keys = 0;

  constructor(
    private readonly transfer: Transfer,
    private readonly now: Millis,
    private readonly onMessages: (count: number) => void,
  ) {}

  /** Reads the whole queue; gives its digest. */
  async add(queue: WholeQueue): Promise<string> {
    const hash = createHash('sha256');
    const { project, name, ref, createdAt, nextMarker, metadata } = queue;
    feed(hash, [project, name, ref.uid, ref.pool, createdAt, nextMarker], metadata);
    for await (const page of messagePages(this.transfer, ref.uid, 0, this.now)) this.addMessages(hash, page);
    hash.update(await this.keySum(ref.uid));
    const digest = hash.digest();
    blend(this.sum, digest);
    this.queues += 1;
    return digest.toString('base64');
  }

  get account(): Account {
    const { queues, messages, claimed, keys } = this;
    return { queues, messages, claimed, keys, checksum: this.sum.toString('hex') };
  }

  private addMessages(hash: Hash, page: readonly WholeMessage[]): void {
    for (const message of page) {
      feedMessage(hash, message);
      if (message.state === HoldState.CLAIMED) this.claimed += 1;
    }
    this.messages += page.length;
    this.onMessages(page.length);
  }

  /** Storages give producer records in orders of their own. */
  private async keySum(uid: string): Promise<Uint8Array> {
    const sum = Buffer.alloc(BYTES);
    for await (const page of keyPages(this.transfer, uid, this.now)) {
      for (const key of page) blend(sum, keyDigest(key));
      this.keys += page.length;
    }
    return sum;
  }
}

function feedMessage(hash: Hash, message: WholeMessage): void {
  const { id, marker, contentType, ttl, postedAt, expires, epoch, attempt, poster, state, due, hold } = message;
  const facts = [id, marker, contentType, ttl, postedAt, expires, epoch, attempt, poster, state, due];
  feed(hash, [...facts, hold?.claim ?? null, hold?.ttl ?? null, hold?.since ?? null], message.body);
}

function keyDigest({ producer, sequence, fingerprint, batch, first, count, until }: WholeKey): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([producer, sequence, fingerprint, batch, first, count, until]))
    .digest();
}

/** The length goes before the bytes, so that no two contents feed the same. */
function feed(hash: Hash, facts: readonly (string | number | null)[], bytes: Uint8Array): void {
  hash.update(`${JSON.stringify([...facts, bytes.byteLength])}\n`).update(bytes);
}

function blend(sum: Buffer, digest: Uint8Array): void {
  for (let i = 0; i < BYTES; i++) sum[i] = (sum[i] as number) ^ (digest[i] as number);
}
