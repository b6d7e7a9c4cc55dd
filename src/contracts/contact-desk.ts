import type { Contact, ContactNote, TenantScope } from './stores.js';

/** What became of facts that staff wrote down about a person. */
export type SetFacts =
  | { readonly type: 'set'; readonly before: Contact; readonly contact: Contact }
  /** Nothing was changed: `field` cannot have this value. */
  | {
      readonly type: 'wrong';
      readonly field: string;
      readonly problem:
        'name' | 'phone' | 'email' | 'language' | 'number' | 'date' | 'choice' | 'too-long' | 'field';
      readonly choices?: readonly string[];
    }
  /** Another contact has this number or address. `offerId`: they can be made one. */
  | {
      readonly type: 'taken';
      readonly field: 'phone' | 'email';
      readonly other: Contact;
      readonly offerId?: string;
    };

/** What staff keep about the people who write, in whichever way they say it. */
export interface ContactDesk {
  /** Facts by the names people use in either language ("hp", "e-mail"), or of the business; empty forgets. */
  set(scope: TenantScope, contact: Contact, facts: Readonly<Record<string, string>>): Promise<SetFacts>;
  tag(
    scope: TenantScope,
    contact: Contact,
    change: { readonly add?: readonly string[]; readonly remove?: readonly string[] },
  ): Promise<Contact>;
  note(scope: TenantScope, contact: Contact, text: string): Promise<ContactNote>;
  /** A one-time code that makes staff of whoever sends it with `/claim`. */
  invite(scope: TenantScope): Promise<{ readonly code: string; readonly expiresAt: Date }>;
}
