/** Ctrl-C is obeyed within 10 s, whatever the process is doing. */
const LAST_RESORT_MS = 9_500;

/**
 * Aborts at the first SIGINT or SIGTERM, with the signal's name as the reason. Asked for before
 * anything is opened: a signal would otherwise end the process and leave half-opened things behind.
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
