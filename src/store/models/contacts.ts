import type { Locale } from '../../contracts/message.js';
import type { Contact, ContactNote } from '../../contracts/stores.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { checkedText } from '../checked-value.js';
import { defineTable, Mixed } from '../database.js';
import { optional } from '../optional.js';

type Identity = Contact['identities'][number];

/** The facts a merged contact brings to the one it was merged into. */
export type ContactFacts = Pick<
  ContactRow,
  | 'name'
  | 'phone'
  | 'email'
  | 'locale'
  | 'tags'
  | 'fields'
  | 'identities'
  | 'isStaff'
  | 'optedOut'
  | 'isUntold'
  | 'formerIds'
>;

export interface ContactRow {
  readonly _id: string;
  readonly name?: string;
  readonly phone?: string;
  readonly email?: string;
  readonly locale?: Locale;
  readonly tags?: readonly string[];
  readonly fields?: Contact['fields'];
  readonly identities: readonly Identity[];
  /** Keys of `identities` for the unique index; absent if there are none. */
  readonly identityKeys?: readonly string[];
  readonly formerIds?: readonly string[];
  /** The pieces the contact is found by; see `piecesOf`. */
  readonly pieces?: readonly string[];
  readonly isStaff: boolean;
  readonly optedOut?: boolean;
  readonly isUntold?: boolean;
  readonly createdAt: Date;
  readonly updatedAt?: Date;
  readonly lastSeenAt?: Date;
  /** The contact was erased; nothing else about it is known. */
  readonly erasedAt?: Date;
  /** The contact that this id is now an alias of. */
  readonly mergedInto?: string;
  /** Facts still to be transferred there; absent afterwards. */
  readonly bringing?: ContactFacts & { readonly identityKeys: readonly string[] };
}

export const contactTable = defineTable<ContactRow>(
  'contacts',
  {
    _id: String,
    name: String,
    phone: String,
    email: String,
    locale: String,
    tags: { type: [String], default: undefined },
    fields: Mixed,
    identities: { type: [Mixed], default: undefined },
    identityKeys: { type: [String], default: undefined },
    formerIds: { type: [String], default: undefined },
    pieces: { type: [String], default: undefined },
    isStaff: Boolean,
    optedOut: Boolean,
    isUntold: Boolean,
    createdAt: Date,
    updatedAt: Date,
    lastSeenAt: Date,
    erasedAt: Date,
    mergedInto: String,
    bringing: Mixed,
  },
  [
    { keys: { identityKeys: 1 }, options: { unique: true, sparse: true } },
    { keys: { phone: 1 }, options: { unique: true, sparse: true } },
    { keys: { email: 1 }, options: { unique: true, sparse: true } },
    { keys: { isStaff: 1 } },
    { keys: { 'identities.userId': 1 } },
    { keys: { createdAt: -1, _id: -1 } },
    { keys: { tags: 1 } },
    { keys: { pieces: 1 } },
  ],
);

export interface ContactNoteRow extends Omit<ContactNote, 'id'> {
  readonly _id: string;
}

export const contactNoteTable = defineTable<ContactNoteRow>(
  'contact_notes',
  { _id: String, contactId: String, text: String, direction: String, channel: String, at: Date },
  [{ keys: { contactId: 1, at: 1, _id: 1 } }],
  { isBasic: false },
);

/** Has a fixed length and no separators, whatever the platform's ids look like. */
export function identityKeyOf({ channel, accountId, userId }: Identity): string {
  return derivedId('identity', checkedText(channel), checkedText(accountId), checkedText(userId));
}

export function contactOf(row: ContactRow): Contact {
  return {
    id: row._id,
    ...optional('name', row.name),
    ...optional('phone', row.phone),
    ...optional('email', row.email),
    ...optional('locale', row.locale),
    tags: row.tags ?? [],
    fields: row.fields ?? {},
    identities: row.identities,
    formerIds: row.formerIds ?? [],
    isStaff: row.isStaff,
    optedOut: row.optedOut ?? false,
    ...(row.isUntold === true ? { isUntold: true } : {}),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt ?? row.createdAt,
    ...optional('lastSeenAt', row.lastSeenAt),
  };
}

export function noteOf({ _id: id, ...note }: ContactNoteRow): ContactNote {
  return { id, ...note };
}
