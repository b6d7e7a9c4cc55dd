const METHODS = ['log', 'info', 'warn', 'error'] as const;
let isSilenced = false;

/**
 * libsignal writes whole sessions, including private keys, to the console. This drops everything logged from
 * its files; all other output is unchanged.
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

/** Checks the caller's stack frame, which is below this function and the console wrapper. */
function isFromLibsignal(): boolean {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 3;
  const stack = new Error().stack ?? '';
  Error.stackTraceLimit = stackTraceLimit;
  return /[\\/]libsignal[\\/]/.test(stack);
}
