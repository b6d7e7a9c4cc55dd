import type { Contact, ContactNote, TenantScope } from './stores.js';

/** The outcome of setting facts about a person. */
export type SetFacts =
  | { readonly type: 'set'; readonly before: Contact; readonly contact: Contact }
  /** Nothing was changed: `field` cannot hold this value. */
  | {
      readonly type: 'wrong';
      readonly field: string;
      readonly problem:
        'name' | 'phone' | 'email' | 'language' | 'number' | 'date' | 'choice' | 'too-long' | 'field';
      readonly choices?: readonly string[];
    }
  /** Another contact has this phone number or address. `offerId`: the offer to merge the two. */
  | {
      readonly type: 'taken';
      readonly field: 'phone' | 'email';
      readonly other: Contact;
      readonly offerId?: string;
    };

/** Lets staff read and change what is known about contacts, however they phrase it. */
export interface ContactDesk {
  /**
   * Facts by the names people use in either language ("hp", "e-mail") or by the business's own field names;
   * an empty value clears one.
   */
  set(scope: TenantScope, contact: Contact, facts: Readonly<Record<string, string>>): Promise<SetFacts>;
  tag(
    scope: TenantScope,
    contact: Contact,
    change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  ): Promise<Contact>;
  note(scope: TenantScope, contact: Contact, text: string): Promise<ContactNote>;
  /** A one-time code that gives staff rights to whoever sends it with `/claim`. */
  invite(scope: TenantScope): Promise<{ readonly code: string; readonly expiresAt: Date }>;
}
