import type { Locale } from '../message.js';
import type { Page, PageRequest } from './page.js';

export interface ContactIdentity {
  readonly channel: string;
  readonly accountId: string;
  readonly userId: string;
}

/** A value the business keeps about a person, in a field it named. */
export type ContactField = string | number | boolean;

export interface Contact {
  readonly id: string;
  readonly name?: string;
  /** E.164; unique among contacts. */
  readonly phone?: string;
  /** Lower case; unique among contacts. */
  readonly email?: string;
  readonly locale?: Locale;
  readonly tags: readonly string[];
  readonly fields: Readonly<Record<string, ContactField>>;
  readonly identities: readonly ContactIdentity[];
  /** Ids of contacts that were merged into this one. */
  readonly formerIds: readonly string[];
  readonly isStaff: boolean;
  /** The person receives nothing they did not ask for. */
  readonly optedOut: boolean;
  /** At the person's request, no model is given what is stored about them. */
  readonly isUntold?: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Accurate to a few minutes. */
  readonly lastSeenAt?: Date;
}

/** A change to a contact; `null` clears a field. */
export interface ContactChange {
  readonly name?: string | null;
  readonly phone?: string | null;
  readonly email?: string | null;
  readonly locale?: Locale | null;
  readonly isStaff?: boolean;
  readonly optedOut?: boolean;
  readonly isUntold?: boolean;
  /** The complete new list. */
  readonly tags?: readonly string[];
  /** Only the named fields change. */
  readonly fields?: Readonly<Record<string, ContactField | null>>;
  /** Added to the existing ones. */
  readonly identities?: readonly ContactIdentity[];
}

export interface ContactFilter {
  /** Searched in the name, the e-mail address and the digits of the phone number. */
  readonly query?: string;
  readonly tag?: string;
  readonly channel?: string;
  /** The end of the id, as shown in lists. */
  readonly shortId?: string;
}

export interface ContactNote {
  readonly id: string;
  readonly contactId: string;
  readonly text: string;
  readonly direction: 'in' | 'out' | 'note';
  readonly channel?: string;
  readonly at: Date;
}

export interface ContactStore {
  /** The contact with this identity, created on first contact; concurrent calls create only one. */
  ensure(identity: ContactIdentity & { readonly name?: string; readonly at: Date }): Promise<Contact>;
  /** By its own id, or the id of a contact merged into it. */
  get(id: string): Promise<Contact | undefined>;
  /** Contacts with this phone number, e-mail address or identity. */
  find(by: Pick<ContactChange, 'phone' | 'email' | 'identities'>): Promise<readonly Contact[]>;
  /** Whoever has one of these numbers (E.164) or addresses; at most 1,000 of them. */
  withReach(values: readonly string[]): Promise<readonly Contact[]>;
  /** Many at once; `undefined` in the place of each whose number, address or identity another has. */
  createMany(changes: readonly ContactChange[], at: Date): Promise<readonly (Contact | undefined)[]>;
  /** `StoreError` of kind `conflict` where another contact has the number, address or identity. */
  create(change: ContactChange, at: Date): Promise<Contact>;
  /** Who may use staff commands: those who claimed it, and those with one of these identities. */
  staff(
    handles: readonly { readonly channel: string; readonly user_id: string }[],
  ): Promise<readonly Contact[]>;
  /** `StoreError` of kind `conflict` as `create`. */
  update(id: string, change: ContactChange): Promise<Contact | undefined>;
  /** How many were made from one moment until before another. */
  countNew(from: Date, until: Date): Promise<number>;
  /** Newest first. */
  list(filter: ContactFilter, page: PageRequest): Promise<Page<Contact>>;
  /**
   * From now on both ids mean the contact `id`: its own facts win, gaps are filled from the other,
   * tags and identities are joined. What refers to the other is not rewritten; readers follow.
   */
  merge(id: string, otherId: string): Promise<Contact | undefined>;
  addNote(note: Omit<ContactNote, 'id'>): Promise<ContactNote>;
  /** Oldest first, those of merged contacts too. */
  notes(contact: Contact, page: PageRequest): Promise<Page<ContactNote>>;
  /**
   * Removes the person with all they wrote, what was written to them and what was noted. Their
   * channel identities are unknown again; that there was somebody is all that is kept.
   */
  erase(contact: Contact): Promise<void>;
  /** Removes what was stored of somebody after they were erased, by what was under way at that moment. */
  eraseTraces(contactIds: readonly string[]): Promise<void>;
}
