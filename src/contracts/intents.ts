import type { TenantScope } from './stores.js';

/** What one of the business's own models takes a message for. */
export interface PredictedIntent {
  /** A class of the model, as the business named it. */
  readonly intent: string;
  readonly probability: number;
  /** The share of the model's own texts that would be less familiar to it if they were new, 0..1. */
  readonly familiarity: number;
}

/** Classifies messages with a model the business trained on its own texts. */
export interface MessageIntents {
  /** `undefined` if the model does not exist or knows no word of the message. */
  intentOf(scope: TenantScope, model: string, text: string): Promise<PredictedIntent | undefined>;
}
