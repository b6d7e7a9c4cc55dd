import type { Locale } from '../../contracts/message.js';
import type { Contact, ContactNote } from '../../contracts/stores.js';
import { derivedId } from '../../lib/make-id.js';
import { checkedText } from '../checked-value.js';
import { defineTable, Mixed } from '../database.js';
import { optional } from '../optional.js';

type Identity = Contact['identities'][number];

/** What a merged contact brings to the one it was merged into. */
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
  /** Keys of `identities`, for the unique index; absent when there are none. */
  readonly identityKeys?: readonly string[];
  readonly formerIds?: readonly string[];
  /** What it is found by; see `piecesOf`. */
  readonly pieces?: readonly string[];
  readonly isStaff: boolean;
  readonly optedOut?: boolean;
  readonly isUntold?: boolean;
  readonly createdAt: Date;
  readonly updatedAt?: Date;
  readonly lastSeenAt?: Date;
  /** There was somebody, and that is all that is known. */
  readonly erasedAt?: Date;
  /** This contact is that one: it is only a name for it. */
  readonly mergedInto?: string;
  /** What is still to be brought there; absent once it was. */
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

/** Of fixed length and without separators, whatever a platform's ids look like. */
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
