import type { FaqEntry } from './document.js';
import type { TenantScope } from './stores.js';

/** Wordings people used for an entry, observed because they chose that entry when asked what they meant. */
export interface PhrasingProposal {
  readonly id: string;
  readonly entryId: string;
  readonly wording: string;
  /** Contacts who used the wording. */
  readonly people: readonly string[];
  readonly status: 'open' | 'approved' | 'dismissed';
  readonly askedAt: Date;
}

/** Alternative wordings of entries: people's choices suggest them, staff decide. */
export interface Phrasings {
  /** Recorded once; ignored if the entry already has the wording or staff dismissed it. */
  propose(
    scope: TenantScope,
    question: { readonly entryId: string; readonly wording: string; readonly contactId: string },
  ): Promise<void>;
  /** Newest first, with the entries they would be added to. */
  open(
    scope: TenantScope,
  ): Promise<readonly { readonly proposal: PhrasingProposal; readonly entry: FaqEntry }[]>;
  /** Decides once. `undefined`: the proposal is no longer open, or its entry is gone. */
  decide(
    scope: TenantScope,
    id: string,
    decision: 'approved' | 'dismissed',
  ): Promise<{ readonly proposal: PhrasingProposal; readonly entry: FaqEntry } | undefined>;
}
