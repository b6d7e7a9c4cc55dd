import type { Contact, Page, PageRequest, TenantScope } from './stores.js';

/** What a person can say about themselves. */
export type SaidFact = 'name' | 'phone' | 'email';

/** Something that may be kept about people, once staff agree. */
export type ContactSuggestion = {
  readonly id: string;
  readonly contact: Contact;
  readonly createdAt: Date;
} & (
  | { readonly type: 'fact'; readonly field: SaidFact; readonly value: string }
  /** Both have, or say that they have, the same number or address. */
  | { readonly type: 'merge'; readonly other: Contact; readonly field: 'phone' | 'email' }
);

export type SuggestionOutcome =
  | { readonly type: 'kept'; readonly contact: Contact; readonly field: SaidFact }
  | { readonly type: 'merged'; readonly contact: Contact }
  | { readonly type: 'declined' }
  /** Decided before, or about somebody who is not there any more. */
  | { readonly type: 'gone' };

/** People are never made one, and what they say about themselves never kept, without staff. */
export interface ContactSuggestions {
  /** These two may be one person. `undefined`: staff said before that they are not. */
  offerMerge(
    scope: TenantScope,
    contact: Contact,
    other: Contact,
    field: 'phone' | 'email',
  ): Promise<string | undefined>;
  /** Newest first. */
  open(
    scope: TenantScope,
    type: ContactSuggestion['type'] | undefined,
    page: PageRequest,
  ): Promise<Page<ContactSuggestion>>;
  decide(scope: TenantScope, id: string, accept: boolean): Promise<SuggestionOutcome>;
}
