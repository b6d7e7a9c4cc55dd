const METHODS = ['log', 'info', 'warn', 'error'] as const;
let isSilenced = false;

/**
 * libsignal writes whole sessions, private keys included, to the console of the process. What
 * comes from its files is dropped; everything else is written as before.
 */
export function silenceLibsignal(target: Pick<Console, (typeof METHODS)[number]> = globalThis.console): void {
  if (target === globalThis.console) {
    if (isSilenced) return;
    isSilenced = true;
  }
  for (const method of METHODS) {
    const write = target[method].bind(target);
    target[method] = (...values: readonly unknown[]) => {
      if (!isFromLibsignal()) write(...values);
    };
  }
}

/** The line of the caller: below this function and the one that replaces the console's. */
function isFromLibsignal(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 3;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = stackTraceLimit;
  return /[\\/]libsignal[\\/]/.test(stack);
}
