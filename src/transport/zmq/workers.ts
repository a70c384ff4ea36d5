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

  /** @param silenceMs after so long without a word a worker counts no more */
  constructor(private readonly silenceMs: number) {}

  get size(): number {
    return this.live.size;
  }

  /** What all bear together, in deliveries that each of them bears: nobody knows which of them gets one. */
  get share(): WorkerShare {
    let messages = 0;
    let batch = Infinity;
    for (const worker of this.live.values()) {
      messages += worker.messages;
      batch = Math.min(batch, worker.batch);
    }
    return { messages: Math.min(MAX_ENDPOINT_CREDIT, messages), batch: Number.isFinite(batch) ? batch : 1 };
  }

  /** A worker lives, and bears this. Throws OVERLOADED when there are too many. */
  announce(id: string, share: WorkerShare, now: number): void {
    if (this.live.size >= MAX_WORKERS && !this.live.has(id)) {
      throw new MarconiError('OVERLOADED', `An endpoint has ${MAX_WORKERS} workers at most.`);
    }
    this.live.set(id, { ...share, until: now + this.silenceMs });
  }

  leave(id: string): void {
    this.live.delete(id);
  }

  /** Forgets those that were silent for too long. */
  forgetSilent(now: number): void {
    for (const [id, { until }] of this.live) if (until <= now) this.live.delete(id);
  }
}
