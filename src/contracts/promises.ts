import type { Conversation, TenantScope } from './stores.js';

/** What a model said would be done later. */
export interface GivenPromise {
  /** The inbox event's: the same one when the turn is run again. */
  readonly key: string;
  /** What the person asked. */
  readonly question: string;
  /** The sentence, as the model wrote it. */
  readonly promise: string;
  /** When the person expects something. */
  readonly dueAt: Date;
}

/** Makes of a promise something that people of the business know of. */
export interface PromiseKeeper {
  /**
   * Tells every member of staff who can be reached, now and again when it is due, unless one of them
   * wrote to the person by then. How many were told: with none the promise is not to be given.
   */
  keep(
    scope: TenantScope,
    conversation: Conversation,
    promise: GivenPromise,
  ): Promise<{ readonly told: number }>;
}
