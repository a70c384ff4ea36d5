import { MarconiError } from '../../errors/marconi-error.js';
import { MAX_ENDPOINT_CREDIT, MAX_WORKERS } from './limits.js';

/** What a worker bears. */
export interface WorkerShare {
  /** Messages that may be unsettled. */
  readonly messages: number;
  /** Messages of one delivery at the most. */
  readonly batch: number;
}

/** The workers of one endpoint. Each counts until it leaves, or has said nothing for too long. */
export class Workers {
  private readonly live = new Map<string, WorkerShare & { readonly until: number }>();
  private messages = 0;
  /** How many workers have each batch: few sizes, where a fleet may say hundreds of times a second that it lives. */
  private readonly batches = new Map<number, number>();

  /** @param silenceMs after so long without a word a worker counts no more */
  constructor(private readonly silenceMs: number) {}

  get size(): number {
    return this.live.size;
  }

  /** What all bear together, in deliveries that each of them bears: nobody knows which of them gets one. */
  get share(): WorkerShare {
    const batch = this.live.size === 0 ? 1 : Math.min(...this.batches.keys());
    return { messages: Math.min(MAX_ENDPOINT_CREDIT, this.messages), batch };
  }

  /** A worker lives, and bears this. Throws OVERLOADED when there are too many. */
  announce(id: string, share: WorkerShare, now: number): void {
    if (this.live.size >= MAX_WORKERS && !this.live.has(id)) {
      throw new MarconiError('OVERLOADED', `An endpoint has ${MAX_WORKERS} workers at most.`);
    }
    this.leave(id);
    this.live.set(id, { ...share, until: now + this.silenceMs });
    this.messages += share.messages;
    this.batches.set(share.batch, (this.batches.get(share.batch) ?? 0) + 1);
  }

  leave(id: string): void {
    const worker = this.live.get(id);
    if (worker === undefined) return;
    this.live.delete(id);
    this.messages -= worker.messages;
    const others = (this.batches.get(worker.batch) ?? 0) - 1;
    if (others > 0) this.batches.set(worker.batch, others);
    else this.batches.delete(worker.batch);
  }

  /** Forgets those that were silent for too long. */
  forgetSilent(now: number): void {
    for (const [id, { until }] of this.live) if (until <= now) this.leave(id);
  }
}
