/** Smallest platform limit for a button's action, in bytes. */
const MAX_ACTION_BYTES = 64;

/** Whether every platform accepts this line as the action of a button. */
export function fitsButton(action: string): boolean {
  return Buffer.byteLength(action) <= MAX_ACTION_BYTES;
}
