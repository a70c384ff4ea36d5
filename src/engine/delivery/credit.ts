/** Bounds of what is left: no number of grants takes it beyond exact arithmetic. */
const MOST_MESSAGES = 2 ** 31 - 1;
const MOST_BYTES = Number.MAX_SAFE_INTEGER;

/** Messages and bytes of bodies. */
export interface Amount {
  readonly messages: number;
  readonly bytes: number;
}

/** What a client has room for. Bytes fall below 0 where the last message was larger than what was left. */
export class Credit {
  private left = { messages: 0, bytes: 0 };

  get messages(): number {
    return this.left.messages;
  }

  get bytes(): number {
    return this.left.bytes;
  }

  /** True while there is at least one message and one byte. */
  get any(): boolean {
    return this.left.messages > 0 && this.left.bytes > 0;
  }

  add({ messages, bytes }: Amount): void {
    this.left.messages = Math.min(MOST_MESSAGES, this.left.messages + messages);
    this.left.bytes = Math.min(MOST_BYTES, this.left.bytes + bytes);
  }

  /** Sets something aside; what was not used of it is added again. */
  reserve({ messages, bytes }: Amount): void {
    this.left.messages -= messages;
    this.left.bytes -= bytes;
  }
}
