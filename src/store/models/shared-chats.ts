import { defineTable, Mixed } from '../database.js';
import type { SealedSecret } from '../seal.js';

export interface SharedChatRow {
  /** Keyed hash of the bot and the person. */
  readonly _id: string;
  readonly accountId?: string;
  readonly held?: readonly { readonly eventId: string; readonly sealed: SealedSecret }[];
  /** When held events are forgotten; absent while there are none. */
  readonly expiresAt?: Date;
}

export const sharedChatTable = defineTable<SharedChatRow>(
  'shared_chats',
  { _id: String, accountId: String, held: { type: [Mixed], default: undefined }, expiresAt: Date },
  [{ keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } }, { keys: { accountId: 1 } }],
);
