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
  /**
   * All contacts with one of these phone numbers (E.164) or e-mail addresses; uses at most 1,000 of the
   * values.
   */
  withReach(values: readonly string[]): Promise<readonly Contact[]>;
  /**
   * Creates many at once; `undefined` in place of each whose phone number, address or identity is already
   * taken.
   */
  createMany(changes: readonly ContactChange[], at: Date): Promise<readonly (Contact | undefined)[]>;
  /**
   * Throws a `StoreError` of kind `conflict` if another contact has the phone number, address or identity.
   */
  create(change: ContactChange, at: Date): Promise<Contact>;
  /** People who may use staff commands: those who claimed it, and those with one of these identities. */
  staff(
    handles: readonly { readonly channel: string; readonly user_id: string }[],
  ): Promise<readonly Contact[]>;
  /** Throws a `StoreError` of kind `conflict` like `create`. */
  update(id: string, change: ContactChange): Promise<Contact | undefined>;
  /** How many were created in [from, until). */
  countNew(from: Date, until: Date): Promise<number>;
  /** Newest first. */
  list(filter: ContactFilter, page: PageRequest): Promise<Page<Contact>>;
  /**
   * From now on both ids refer to the contact `id`: its own facts win, gaps are filled from the other, tags
   * and identities are combined. References to the other id are not rewritten; readers follow them.
   */
  merge(id: string, otherId: string): Promise<Contact | undefined>;
  addNote(note: Omit<ContactNote, 'id'>): Promise<ContactNote>;
  /** Oldest first, including notes on merged contacts. */
  notes(contact: Contact, page: PageRequest): Promise<Page<ContactNote>>;
  /**
   * Removes the person, everything they wrote or received, and all notes. Their channel identities become
   * unknown again; only the fact that there was somebody is kept.
   */
  erase(contact: Contact): Promise<void>;
  /** Removes anything stored about an erased person by work that was already under way. */
  eraseTraces(contactIds: readonly string[]): Promise<void>;
}
