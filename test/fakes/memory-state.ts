import type { AccountState } from '../../src/contracts/channel.js';

/** An account's state in memory, for testing a connection without a store. */
export function createMemoryState(): AccountState {
  const values = new Map<string, Uint8Array>();
  return {
    read: (keys) =>
      Promise.resolve(
        new Map(
          keys.flatMap((key) => {
            const value = values.get(key);
            return value === undefined ? [] : [[key, value] as const];
          }),
        ),
      ),
    write(changes) {
      for (const [key, value] of changes) {
        if (value === undefined) values.delete(key);
        else values.set(key, Uint8Array.from(value));
      }
      return Promise.resolve();
    },
    keys: (prefix) => Promise.resolve([...values.keys()].filter((key) => key.startsWith(prefix)).toSorted()),
    clear() {
      values.clear();
      return Promise.resolve();
    },
  };
}
