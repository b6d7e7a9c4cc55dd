import { defineTable, Mixed } from '../database.js';
import type { SealedSecret } from '../seal.js';

/** One sealed value of an account; a removed one stays for a while, so that no late write revives it. */
export interface AccountStateRow {
  readonly _id: string;
  readonly accountId: string;
  readonly key: string;
  readonly sealed: SealedSecret | null;
  /** Number of the batch that wrote it: an older batch no longer counts. */
  readonly batch: number;
  readonly at: Date;
}

/** Changes that were accepted as one, until each is in its own row. */
export interface StateBatch {
  readonly number: number;
  readonly changes: readonly { readonly key: string; readonly sealed: SealedSecret | null }[];
}

/** Who may write the state of an account, and what was written last. */
export interface AccountStateHeadRow {
  readonly _id: string;
  readonly tenantId: string;
  readonly fence: number;
  readonly batches: number;
  readonly pending: readonly StateBatch[];
}

export const accountStateTable = defineTable<AccountStateRow>(
  'account_states',
  { _id: String, accountId: String, key: String, sealed: Mixed, batch: Number, at: Date },
  [{ keys: { accountId: 1, key: 1 } }],
);

export const accountStateHeadTable = defineTable<AccountStateHeadRow>(
  'account_state_heads',
  {
    _id: String,
    tenantId: String,
    fence: Number,
    batches: Number,
    pending: { type: [Mixed], default: undefined },
  },
  [{ keys: { tenantId: 1 } }],
);
