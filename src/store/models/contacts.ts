import type { Locale } from '../../contracts/message.js';
import type { Contact } from '../../contracts/stores.js';
import { derivedId } from '../../lib/make-id.js';
import { checkedText } from '../checked-value.js';
import { defineTable, Mixed } from '../database.js';
import { optional } from '../optional.js';

type Identity = Contact['identities'][number];

export interface ContactRow {
  readonly _id: string;
  readonly name?: string;
  readonly locale?: Locale;
  readonly identities: readonly Identity[];
  /** One string per identity, for the unique index. */
  readonly identityKeys: readonly string[];
  readonly isStaff: boolean;
  readonly createdAt: Date;
}

export const contactTable = defineTable<ContactRow>(
  'contacts',
  {
    _id: String,
    name: String,
    locale: String,
    identities: { type: [Mixed], default: undefined },
    identityKeys: { type: [String], default: undefined },
    isStaff: Boolean,
    createdAt: Date,
  },
  [
    { keys: { identityKeys: 1 }, options: { unique: true, sparse: true } },
    { keys: { isStaff: 1 } },
    { keys: { 'identities.userId': 1 } },
  ],
);

/** Of fixed length and without separators, whatever a platform's ids look like. */
export function identityKeyOf({ channel, accountId, userId }: Identity): string {
  return derivedId('identity', checkedText(channel), checkedText(accountId), checkedText(userId));
}

export function contactOf(row: ContactRow): Contact {
  return {
    id: row._id,
    ...optional('name', row.name),
    ...optional('locale', row.locale),
    identities: row.identities,
    isStaff: row.isStaff,
    createdAt: row.createdAt,
  };
}
