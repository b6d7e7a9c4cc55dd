import type { SignalDataSet, SignalKeyStoreWithTransaction } from '@whiskeysockets/baileys';
import { z } from 'zod';

/** What advances with each message of a session, and when the session last decrypted one. */
const sessionSchema = z.looseObject({
  currentRatchet: z.unknown(),
  _chains: z.unknown(),
  indexInfo: z.looseObject({ used: z.number().nullish() }),
});
/** All sessions with one device, by base key, as the library stores them. */
const recordSchema = z.looseObject({ _sessions: z.record(z.string(), sessionSchema) });

type Session = z.output<typeof sessionSchema>;
type Sessions = Readonly<Record<string, Session>>;

/**
 * The library tries a message in one session of its sender after the other, and then stores them all. A failed
 * try has advanced its session with keys that nobody else has, so whatever is sent in that session afterwards
 * cannot be read. Here such sessions are stored as they were before.
 */
export function withoutFailedTries(keys: SignalKeyStoreWithTransaction): SignalKeyStoreWithTransaction {
  return {
    ...keys,
    async set(data: SignalDataSet) {
      const { session: records } = data;
      if (records === undefined) return keys.set(data);
      const earlier = await keys.get('session', Object.keys(records));
      const repaired = Object.entries(records).map(
        ([address, record]) => [address, repairedRecord(earlier[address], record)] as const,
      );
      await keys.set({ ...data, session: Object.fromEntries(repaired) });
    },
  };
}

function repairedRecord<Value>(earlier: unknown, record: Value): Value {
  const before = recordSchema.safeParse(earlier).data?._sessions;
  const after = recordSchema.safeParse(record).data;
  if (before === undefined || after === undefined) return record;
  const damaged = failedTries(before, after._sessions);
  if (damaged.length === 0) return record;
  const restored = damaged.map((baseKey) => [baseKey, before[baseKey]] as const);
  return { ...record, _sessions: { ...after._sessions, ...Object.fromEntries(restored) } };
}

/** Sessions are tried most recently used first until one succeeds, so of those that advanced only the last did. */
function failedTries(before: Sessions, after: Sessions): readonly string[] {
  return Object.entries(before)
    .toSorted(([, a], [, b]) => (b.indexInfo.used ?? 0) - (a.indexInfo.used ?? 0))
    .filter(([baseKey, session]) => hasAdvanced(session, after[baseKey]))
    .map(([baseKey]) => baseKey)
    .slice(0, -1);
}

function hasAdvanced(before: Session, after: Session | undefined): boolean {
  return after !== undefined && stateOf(before) !== stateOf(after);
}

function stateOf({ currentRatchet, _chains }: Session): string {
  return JSON.stringify([currentRatchet, _chains]);
}
