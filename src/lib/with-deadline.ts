import { OVER } from './clock.js';

/**
 * Runs `work` with a signal that aborts when `signal` does, after `ms` with a `TimeoutError`, and once the
 * work is done: libraries forget to remove their listeners, and Node keeps a combined signal with listeners
 * until it aborts. So `work` must not resolve to something that is still being read.
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
    deadline.abort(OVER);
  }
}
