/** Something happened that the driver promises never to let happen. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Throws a violation unless it holds. */
export function promise(holds: boolean, text: string): void {
  if (!holds) throw new Violation(text);
}
