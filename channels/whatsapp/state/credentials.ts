import { z } from 'zod';
import { ChannelError, type AccountState } from '../../../src/contracts/channel.js';
import { StoreError } from '../../../src/contracts/stores.js';
import { fromBytes, toBytes } from './json-bytes.js';
import { KEY_PREFIX } from './key-store.js';

const CREDENTIALS_KEY = 'credentials';

const pairSchema = z.object({ private: z.instanceof(Uint8Array), public: z.instanceof(Uint8Array) });

/** Just enough to recognise credentials and whose they are. */
const credentialsSchema = z.looseObject({
  noiseKey: pairSchema,
  signedIdentityKey: pairSchema,
  registrationId: z.number(),
  advSecretKey: z.string(),
  me: z.object({ id: z.string(), lid: z.string().optional() }).loose().optional(),
  account: z.unknown().optional(),
});

export type StoredCredentials = z.output<typeof credentialsSchema>;

/**
 * Loads the pairing of an account; `undefined` if it never had one. Unreadable credentials are reported,
 * never replaced: new keys over old ones would unpair the phone for good.
 */
export async function loadCredentials(state: AccountState): Promise<StoredCredentials | undefined> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = (await state.read([CREDENTIALS_KEY])).get(CREDENTIALS_KEY);
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'corrupt') throw unreadable(error.message);
    throw error;
  }
  if (bytes === undefined) {
    const keys = await state.keys(KEY_PREFIX);
    if (keys.length > 0) throw unreadable('there are session keys but no credentials');
    return undefined;
  }
  try {
    return withoutUnfinishedPairing(credentialsSchema.parse(fromBytes(bytes)));
  } catch {
    throw unreadable('they are damaged');
  }
}

export async function saveCredentials(state: AccountState, credentials: unknown): Promise<void> {
  await state.write(new Map([[CREDENTIALS_KEY, toBytes(credentials)]]));
}

/** Removes the keys after the phone unlinked the device; what we know about people stays. */
export async function dropCredentials(state: AccountState): Promise<void> {
  const keys = [CREDENTIALS_KEY, ...(await state.keys(KEY_PREFIX))];
  await state.write(new Map(keys.map((key) => [key, undefined])));
}

/**
 * Drops `me` if a pairing code was requested but never entered, because the library would log in with it
 * instead of registering.
 */
function withoutUnfinishedPairing(credentials: StoredCredentials): StoredCredentials {
  if (credentials.account !== undefined && credentials.account !== null) return credentials;
  const { me: _me, ...rest } = credentials;
  return rest;
}

function unreadable(reason: string): ChannelError {
  return new ChannelError(
    'unauthorized',
    `the stored pairing cannot be read: ${reason}. Restore it, or remove the account and pair again`,
  );
}
