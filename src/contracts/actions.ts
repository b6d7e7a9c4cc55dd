import type { Confirmation } from './tool.js';
import type { TenantScope } from './stores.js';

/** One run of a tool with effects, from the moment it was asked for. */
export interface Action {
  readonly id: string;
  readonly tool: string;
  /** The `version` of the tool when it was asked for. */
  readonly toolVersion?: string;
  /** As they were shown, and as they are run. */
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly summary: string;
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'expired';
  readonly confirmation: Confirmation;
  readonly contactId: string;
  readonly conversationId: string;
  /** The business itself asked, by its key. */
  readonly isBusiness?: boolean;
  /** The id of a contact, or `api`. */
  readonly decidedBy?: string;
  /** The tool itself has begun: from here on it is never begun again. */
  readonly startedAt?: Date;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly detail: string };
  /** The person was told what became of it. */
  readonly toldAt?: Date;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export type Decision = 'confirm' | 'cancel';

/** Whoever decides: a person in a chat, or who holds a key of the business. */
export type Decider =
  | {
      readonly type: 'person';
      readonly contactId: string;
      readonly conversationId: string;
      readonly isStaff: boolean;
    }
  | { readonly type: 'api' };

export type DecisionOutcome =
  /** `isNew`: not the repetition of the same answer. */
  | { readonly type: 'decided'; readonly action: Action; readonly isNew: boolean }
  /** Decided otherwise before, or too late. */
  | { readonly type: 'too-late'; readonly action: Action }
  | { readonly type: 'not-yours' }
  | { readonly type: 'unknown' };

/** Decides what was asked, once. */
export interface Actions {
  decide(scope: TenantScope, id: string, decision: Decision, by: Decider): Promise<DecisionOutcome>;
}
