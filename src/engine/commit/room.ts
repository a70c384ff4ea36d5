/** Steps, and the bytes of bodies that they bring in. */
export interface Load {
  steps: number;
  bytes: number;
}

/** Why a step is refused: its queue has all that it may have, or nobody gets in. */
export type Refusal = 'queue' | 'node';

/**
 * What a queue may have in the room, as a part of what all queues leave free: a queue alone gets a quarter of the whole,
 * enough for many full commits, and each slow one more leaves three quarters of what was free to the others.
 */
const PART_OF_FREE = 1 / 3;

/** Bounds what is held for commits over all lanes of a store, and what one queue may have of it. */
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
   * when it finds some. The first step of a queue enters any room that is left, and an empty one whatever its size.
   */
  refusal(bytes: number, own: Load | null): Refusal | null {
    if (this.all.steps === 0) return null;
    const freeSteps = this.maxSteps - this.all.steps;
    const freeBytes = this.maxBytes - this.all.bytes;
    if (freeSteps < 1 || freeBytes < bytes) return 'node';
    if (own === null || own.steps === 0) return null;
    const within = own.steps < freeSteps * PART_OF_FREE && own.bytes + bytes <= freeBytes * PART_OF_FREE;
    return within ? null : 'queue';
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
