import { abortReason, OVER } from '../time/clock.js';

/**
 * Runs `work` with a signal that aborts when `signal` does, after `ms` with a `TimeoutError`, and once the
 * work is done, because some libraries never remove their listeners. So `work` must not resolve to something
 * that is still being read.
 * Neither `AbortSignal.timeout`, which Node 20 may collect as garbage before it fires, so that the work waits
 * forever, nor `AbortSignal.any`, of which Node 20 keeps a trace in `signal` for as long as that lives.
 */
export async function withDeadline<T>(
  signal: AbortSignal,
  ms: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limited = new AbortController();
  const onAbort = (): void => limited.abort(abortReason(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => {
    limited.abort(new DOMException(`not done within ${ms} ms`, 'TimeoutError'));
  }, ms);
  try {
    return await work(limited.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    limited.abort(OVER);
  }
}
