/** Steps, and the bytes of bodies that they bring in. */
export interface Load {
  steps: number;
  bytes: number;
}

/** Why a step is refused: its queue has all that it may have, or nobody gets in. */
export type Refusal = 'queue' | 'node';

/**
 * Bounds what is held for commits over all lanes of a store. A queue may have as much as all queues together leave free:
 * alone it gets half, and however many are slow, there is room left for one more.
 */
export class Room {
  private readonly all: Load = { steps: 0, bytes: 0 };

  constructor(
    private readonly maxSteps: number,
    private readonly maxBytes: number,
  ) {}

  get steps(): number {
    return this.all.steps;
  }

  get bytes(): number {
    return this.all.bytes;
  }

  /**
   * Why a step of so many bytes finds no room beside what its queue has in it (null: queues are not told apart); null
   * when it finds some. A step larger than the whole room enters an empty one.
   */
  refusal(bytes: number, own: Load | null): Refusal | null {
    if (this.all.steps === 0) return null;
    const freeSteps = this.maxSteps - this.all.steps;
    const freeBytes = this.maxBytes - this.all.bytes;
    if (freeSteps < 1 || freeBytes < bytes) return 'node';
    if (own === null) return null;
    return own.steps >= freeSteps || own.bytes + bytes > freeBytes ? 'queue' : null;
  }

  enter(bytes: number, own: Load | null): void {
    add(this.all, 1, bytes);
    if (own !== null) add(own, 1, bytes);
  }

  leave(bytes: number, own: Load | null): void {
    add(this.all, -1, -bytes);
    if (own !== null) add(own, -1, -bytes);
  }
}

function add(load: Load, steps: number, bytes: number): void {
  load.steps += steps;
  load.bytes += bytes;
}
