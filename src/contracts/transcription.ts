import type { TokenUsage } from './model.js';

/** What somebody said, as a file. */
export interface Recording {
  readonly data: Uint8Array;
  /** Found by content: an ending alone says nothing. */
  readonly mediaType: string;
  readonly fileName: string;
}

/** Writes down what is said in a recording. */
export interface Transcriber {
  readonly provider: string;
  readonly model: string;
  /** What a recording costs, in micro-units; `undefined` where no price is known. */
  priceOf(usage: TokenUsage): number | undefined;
  /** Empty where nothing is said. Makes one attempt; throws only `ModelError`. */
  transcribe(
    recording: Recording,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly usage: TokenUsage }>;
}
