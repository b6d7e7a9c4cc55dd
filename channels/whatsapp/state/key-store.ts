import type { AccountState } from '../../../src/contracts/channel.js';
import { fromBytes, toBytes } from './json-bytes.js';

export const KEY_PREFIX = 'key/';

/** How many one-time keys share a record: they are created by the hundred and used up one by one. */
const PRE_KEYS_PER_RECORD = 64;
const PRE_KEY = 'pre-key';

type Values = Readonly<Record<string, unknown>>;
/** Values by type and id; `null` removes a value. */
export type KeyChanges = Readonly<Record<string, Values | undefined>>;

export interface KeyStore {
  get(type: string, ids: readonly string[]): Promise<Record<string, unknown>>;
  /** Atomic, and durable when it resolves; `also` is written in the same step. */
  set(changes: KeyChanges, also?: ReadonlyMap<string, Uint8Array | undefined>): Promise<void>;
}

/**
 * Signal keys and sessions in the account's state. Everything read or written is cached in memory, because
 * only this process may write it.
 */
export function createKeyStore(state: AccountState): KeyStore {
  const cache = new Map<string, unknown>();
  let last: Promise<void> = Promise.resolve();

  const load = async (keys: readonly string[]): Promise<void> => {
    const missing = keys.filter((key) => !cache.has(key));
    if (missing.length === 0) return;
    const stored = await state.read(missing);
    for (const key of missing) {
      if (cache.has(key)) continue;
      const bytes = stored.get(key);
      cache.set(key, bytes === undefined ? undefined : fromBytes(bytes));
    }
  };

  const recordOf = (key: string): Record<string, unknown> =>
    (cache.get(key) ?? {}) as Record<string, unknown>;

  const set: KeyStore['set'] = async (changes, also) => {
    const preKeys = Object.entries(changes[PRE_KEY] ?? {});
    await load([...new Set(preKeys.map(([id]) => preKeyRecord(id)))]);
    const updates = new Map<string, unknown>();
    for (const [id, value] of preKeys) {
      const key = preKeyRecord(id);
      const record = (updates.get(key) ?? { ...recordOf(key) }) as Record<string, unknown>;
      if (value === null || value === undefined) delete record[id];
      else record[id] = value;
      updates.set(key, record);
    }
    for (const [type, values] of Object.entries(changes)) {
      if (type === PRE_KEY) continue;
      for (const [id, value] of Object.entries(values ?? {}))
        updates.set(keyOf(type, id), value ?? undefined);
    }
    const entries = [...updates].map(
      ([key, value]) => [key, isNothing(value) ? undefined : toBytes(value)] as const,
    );
    await state.write(new Map([...entries, ...(also ?? [])]));
    for (const [key, value] of updates) cache.set(key, isNothing(value) ? undefined : value);
  };

  return {
    async get(type, ids) {
      const keys = ids.map((id) => (type === PRE_KEY ? preKeyRecord(id) : keyOf(type, id)));
      await load(keys);
      const entries = ids.flatMap((id, index) => {
        const stored = cache.get(keys[index] ?? '');
        const value = type === PRE_KEY ? (stored as Values | undefined)?.[id] : stored;
        return value === undefined ? [] : [[id, value] as const];
      });
      return Object.fromEntries(entries);
    },
    set(changes, also) {
      // Serialised, so that two changes to the same record of one-time keys do not overwrite each other.
      const next = last.then(() => set(changes, also));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

function keyOf(type: string, id: string): string {
  return `${KEY_PREFIX}${type}/${id}`;
}

function preKeyRecord(id: string): string {
  return keyOf(PRE_KEY, String(Math.floor(Number(id) / PRE_KEYS_PER_RECORD)));
}

function isNothing(value: unknown): boolean {
  return (
    value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)
  );
}
