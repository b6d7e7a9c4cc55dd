/**
 * Runs `work` with a signal that aborts when `signal` does, or after `ms` with a `TimeoutError`.
 * Not `AbortSignal.any` over `AbortSignal.timeout`: Node 20 may collect that timeout as garbage
 * before it fires, and the work then waits forever.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(new DOMException(`not done within ${ms} ms`, 'TimeoutError'));
  }, ms);
  try {
    return await work(AbortSignal.any([signal, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}
