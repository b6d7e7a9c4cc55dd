import type { Conversation, TenantScope } from './stores.js';

/** Something a model said would happen later. */
export interface GivenPromise {
  /** Derived from the inbox event, so it is the same when the turn is retried. */
  readonly key: string;
  /** The question the person asked. */
  readonly question: string;
  /** The sentence, as the model wrote it. */
  readonly promise: string;
  /** When the person expects it. */
  readonly dueAt: Date;
}

/** Turns a promise into something the business's staff know about. */
export interface PromiseKeeper {
  /**
   * Tells all reachable staff now, and again when it is due unless one of them has written to the person by
   * then. Resolves to the number told: if none, the promise must not be made.
   */
  keep(
    scope: TenantScope,
    conversation: Conversation,
    promise: GivenPromise,
  ): Promise<{ readonly notified: number }>;
}
