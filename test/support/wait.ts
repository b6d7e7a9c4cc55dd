const PAUSE_MS = 10;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Calls `ask` repeatedly until `isDone` accepts the result; throws with the last result after `timeoutMs`.
 */
export async function eventually<T>(
  ask: () => T | Promise<T>,
  isDone: (value: T) => boolean,
  timeoutMs = 30_000,
): Promise<T> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await ask();
    if (isDone(value)) return value;
    if (performance.now() > end) throw new Error(`still ${JSON.stringify(value)}`);
    await pause(PAUSE_MS);
  }
}

/** Polls a condition; throws if it does not become true within `timeoutMs`. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  await eventually(condition, (isTrue) => isTrue, timeoutMs);
}
