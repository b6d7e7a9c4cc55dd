import type { Contact, Page, PageRequest, TenantScope } from './stores.js';

/** What a person may tell about themselves. */
export type StatedFact = 'name' | 'phone' | 'email';

/** A change to contacts that waits for staff approval. */
export type ContactSuggestion = {
  readonly id: string;
  readonly contact: Contact;
  readonly createdAt: Date;
} & (
  | { readonly type: 'fact'; readonly field: StatedFact; readonly value: string }
  /** Both have, or claim to have, the same phone number or address. */
  | { readonly type: 'merge'; readonly other: Contact; readonly field: 'phone' | 'email' }
);

export type SuggestionOutcome =
  | { readonly type: 'kept'; readonly contact: Contact; readonly field: StatedFact }
  | { readonly type: 'merged'; readonly contact: Contact }
  | { readonly type: 'declined' }
  /** Already decided, or the contact no longer exists. */
  | { readonly type: 'gone' };

/**
 * Contacts are never merged, and what people say about themselves is never stored, without staff approval.
 */
export interface ContactSuggestions {
  /** The two may be the same person. `undefined`: staff have already said they are not. */
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
