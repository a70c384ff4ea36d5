/**
 * Bodies are sent between threads in one piece of memory, whose ownership moves with the message: a body is often a
 * slice of something far larger (a request, a pool), which a plain message would copy whole.
 */

/** A value with all byte arrays in it moved to one arena, and the arena for the transfer list. */
export interface Packed<T> {
  readonly value: T;
  readonly transfer: ArrayBuffer[];
}

/** Moves the byte arrays of plain objects and lists into one arena; everything else stays as it is. */
export function pack<T>(value: T): Packed<T> {
  const size = byteSize(value);
  if (size === 0) return { value, transfer: [] };
  const arena = new ArrayBuffer(size);
  let at = 0;
  const move = (bytes: Uint8Array): Uint8Array => {
    const moved = new Uint8Array(arena, at, bytes.byteLength);
    moved.set(bytes);
    at += bytes.byteLength;
    return moved;
  };
  return { value: rebuild(value, move) as T, transfer: [arena] };
}

function byteSize(value: unknown): number {
  if (value instanceof Uint8Array) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 0;
  let size = 0;
  for (const key in value) size += byteSize((value as Record<string, unknown>)[key]);
  return size;
}

function rebuild(value: unknown, move: (bytes: Uint8Array) => Uint8Array): unknown {
  if (value instanceof Uint8Array) return move(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => rebuild(item, move));
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = rebuild((value as Record<string, unknown>)[key], move);
  return copy;
}
