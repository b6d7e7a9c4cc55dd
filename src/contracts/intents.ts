import type { TenantScope } from './stores.js';

/** What a model of the business takes a message for. */
export interface PredictedIntent {
  /** A class of the model, in the words of the business. */
  readonly intent: string;
  readonly probability: number;
}

/** Reads messages by a model that the business trained on texts of its own. */
export interface MessageIntents {
  /** `undefined`: there is no such model, or it knows no word of the message. */
  intentOf(scope: TenantScope, model: string, text: string): Promise<PredictedIntent | undefined>;
}
