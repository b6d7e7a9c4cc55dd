import type { ConnectionState, PairingRequest } from '../../contracts/channel.js';
import { defineTable, Mixed } from '../database.js';
import type { SealedSecret } from '../seal.js';

export interface AccountRow {
  readonly _id: string;
  readonly tenantId: string;
  readonly channel: string;
  readonly sealedConfig: SealedSecret;
  /** Last known state of the connection. */
  readonly connection?: { readonly state: ConnectionState; readonly at: Date };
  /** Since when there has been trouble with the connection of which staff were told. */
  readonly troubleSince?: Date;
  readonly pairing?: PairingRequest & { readonly at: Date };
  readonly isPaused?: boolean;
  readonly createdAt: Date;
}

export const accountTable = defineTable<AccountRow>(
  'accounts',
  {
    _id: String,
    tenantId: String,
    channel: String,
    sealedConfig: Mixed,
    connection: Mixed,
    troubleSince: Date,
    pairing: Mixed,
    isPaused: Boolean,
    createdAt: Date,
  },
  [{ keys: { tenantId: 1 } }],
);

/** A secret that only the right master key opens, so that a wrong key is noticed at startup. */
export interface KeyCheckRow {
  readonly _id: string;
  readonly sealed: SealedSecret;
}

export const keyCheckTable = defineTable<KeyCheckRow>('key_check', { _id: String, sealed: Mixed }, []);
