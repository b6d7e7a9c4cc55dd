/** Ctrl-C takes effect within 10 s, whatever the process is doing. */
const LAST_RESORT_MS = 9_500;

/**
 * Aborts on the first SIGINT or SIGTERM, with the signal's name as the reason. Install it before opening
 * anything: otherwise a signal would end the process and leave things half-open.
 */
export function stopSignals(): AbortSignal {
  const stopping = new AbortController();
  const stop = (name: string): void => {
    if (stopping.signal.aborted) return;
    setTimeout(() => process.exit(1), LAST_RESORT_MS).unref();
    stopping.abort(name);
  };
  process.on('SIGINT', () => stop('SIGINT'));
  process.on('SIGTERM', () => stop('SIGTERM'));
  return stopping.signal;
}
