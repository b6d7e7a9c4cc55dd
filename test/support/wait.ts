const PAUSE_MS = 10;

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Asks again and again until `isDone` accepts what came; fails with the last of it after `timeoutMs`. */
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

/** Polls a condition; fails the test when it does not come true. */
export async function waitUntil(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 10_000,
): Promise<void> {
  await eventually(condition, (isTrue) => isTrue, timeoutMs);
}
