import type { FaqEntry } from './document.js';
import type { TenantScope } from './stores.js';

/** Words in which people asked what an entry answers, seen because they chose it when asked what they meant. */
export interface PhrasingProposal {
  readonly id: string;
  readonly entryId: string;
  readonly wording: string;
  /** Contacts that asked so. */
  readonly people: readonly string[];
  readonly status: 'open' | 'approved' | 'dismissed';
  readonly askedAt: Date;
}

/** Other ways to ask the same: people show them by what they choose, staff decide. */
export interface Phrasings {
  /** Noted once; nothing where the entry knows the words already, or staff dismissed them. */
  propose(
    scope: TenantScope,
    question: { readonly entryId: string; readonly wording: string; readonly contactId: string },
  ): Promise<void>;
  /** Newest first, with the entries they would belong to. */
  open(
    scope: TenantScope,
  ): Promise<readonly { readonly proposal: PhrasingProposal; readonly entry: FaqEntry }[]>;
  /** Decided once. `undefined`: there is no such open proposal, or its entry is gone. */
  decide(
    scope: TenantScope,
    id: string,
    decision: 'approved' | 'dismissed',
  ): Promise<{ readonly proposal: PhrasingProposal; readonly entry: FaqEntry } | undefined>;
}
