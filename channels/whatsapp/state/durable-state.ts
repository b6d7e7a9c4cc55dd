import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountState } from '../../../src/contracts/channel.js';
import type { Logger } from '../../../src/contracts/runtime.js';
import { StoreError } from '../../../src/contracts/stores.js';

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/**
 * The account's state for a library that must not lose a write: while the store is down, writes wait, and
 * whatever depends on them (receipts, sends) waits too. Gives up only when the connection ends or another
 * process holds the account.
 */
export function durableState(state: AccountState, signal: AbortSignal, logger: Logger): AccountState {
  const persist = async <T>(work: () => Promise<T>): Promise<T> => {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
      try {
        return await work();
      } catch (error) {
        if (!isPassing(error) || signal.aborted) throw error;
        logger.warn({ reason: error.kind }, 'the state of a WhatsApp account waits for the store');
        await sleep(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  };
  return {
    read: (keys) => persist(() => state.read(keys)),
    write: (changes) => persist(() => state.write(changes)),
    keys: (prefix) => persist(() => state.keys(prefix)),
    clear: () => persist(() => state.clear()),
  };
}

function isPassing(error: unknown): error is StoreError {
  return error instanceof StoreError && (error.kind === 'unavailable' || error.kind === 'full');
}
