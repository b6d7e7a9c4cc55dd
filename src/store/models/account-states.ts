import { defineTable, Mixed } from '../database.js';
import type { SealedSecret } from '../seal.js';

/**
 * One sealed value of an account. A removed value is kept as a marker for a while, so that no late write
 * revives it.
 */
export interface AccountStateRow {
  readonly _id: string;
  readonly accountId: string;
  readonly key: string;
  readonly sealed: SealedSecret | null;
  /** Number of the batch that wrote it; older batches no longer apply. */
  readonly batch: number;
  readonly at: Date;
}

/** Changes that were accepted together, kept until each is in its own row. */
export interface StateBatch {
  readonly number: number;
  readonly changes: readonly { readonly key: string; readonly sealed: SealedSecret | null }[];
}

/** Who may write the state of an account, and which batch was written last. */
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
