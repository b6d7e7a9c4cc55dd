import type { Confirmation } from './tool.js';
import type { TenantScope } from './stores.js';

/** One run of a tool with effects, from the moment it was asked for. */
export interface Action {
  readonly id: string;
  readonly tool: string;
  /** The `version` of the tool when it was asked for. */
  readonly toolVersion?: string;
  /** The arguments exactly as they were shown for confirmation; the run uses these. */
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly summary: string;
  readonly status: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'expired';
  readonly confirmation: Confirmation;
  readonly contactId: string;
  readonly conversationId: string;
  /** Requested by the business itself, with its API key. */
  readonly isBusiness?: boolean;
  /** The id of a contact, or `api`. */
  readonly decidedBy?: string;
  /** When the tool started running. Once set, it is never started again. */
  readonly startedAt?: Date;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly detail: string };
  /** When the person was told the outcome. */
  readonly toldAt?: Date;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export type Decision = 'confirm' | 'cancel';

/** Who decides: a person in a chat, or a holder of one of the business's API keys. */
export type Decider =
  | {
      readonly type: 'person';
      readonly contactId: string;
      readonly conversationId: string;
      readonly isStaff: boolean;
    }
  | { readonly type: 'api' };

export type DecisionOutcome =
  /** `isNew`: false when the same decision was already recorded. */
  | { readonly type: 'decided'; readonly action: Action; readonly isNew: boolean }
  /** It was decided the other way before, or it expired. */
  | { readonly type: 'too-late'; readonly action: Action }
  | { readonly type: 'not-yours' }
  | { readonly type: 'unknown' };

/** Records the decision on a requested action, exactly once. */
export interface Actions {
  decide(scope: TenantScope, id: string, decision: Decision, by: Decider): Promise<DecisionOutcome>;
}
