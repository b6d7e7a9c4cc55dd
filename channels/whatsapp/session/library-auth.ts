import {
  initAuthCreds,
  proto,
  type AuthenticationState,
  type SignalDataTypeMap,
  type SignalKeyStore,
} from '@whiskeysockets/baileys';
import type { AccountState } from '../../../src/contracts/channel.js';
import { loadCredentials, saveCredentials } from '../state/credentials.js';
import type { KeyChanges, KeyStore } from '../state/key-store.js';
import { RECEIVED, type Received } from './received.js';

type Credentials = AuthenticationState['creds'];

/** Loads the stored pairing, or creates keys for a first one; new keys are stored before they are used. */
export async function loadOrCreate(state: AccountState): Promise<Credentials> {
  const stored = await loadCredentials(state);
  if (stored !== undefined) return stored as unknown as Credentials;
  const credentials = initAuthCreds();
  await saveCredentials(state, credentials);
  return credentials;
}

/** Adapts the key store for the library; messages it decrypted are written in the same step. */
export function libraryKeys(keys: KeyStore, received: Received): SignalKeyStore {
  return {
    async get<T extends keyof SignalDataTypeMap>(type: T, ids: string[]) {
      const records = await keys.get(type, ids);
      const values = Object.entries(records).map(([id, value]) => [id, revived(type, value)] as const);
      return Object.fromEntries(values) as Record<string, SignalDataTypeMap[T]>;
    },
    async set(data) {
      const { [RECEIVED]: messages, ...changes } = data as KeyChanges;
      const also = received.changes(messages);
      await keys.set(changes, also);
      received.written(also);
    },
  };
}

/** The library expects one type of key as a protobuf message, but it is stored as JSON. */
function revived(type: keyof SignalDataTypeMap, value: unknown): unknown {
  if (type !== 'app-state-sync-key') return value;
  return proto.Message.AppStateSyncKeyData.fromObject(value as Record<string, unknown>);
}
