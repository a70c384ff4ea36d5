const FORM = /^[A-Za-z0-9_.-]{1,64}$/;

/** True for 1 to 64 characters of A-Z a-z 0-9 _ - and the full stop (spec rest-v1 1.1). */
export function isQueueName(text: string): boolean {
  return FORM.test(text);
}
