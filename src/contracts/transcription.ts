import type { TokenUsage } from './model.js';

/** Recorded speech, as a file. */
export interface Recording {
  readonly data: Uint8Array;
  /** Detected from the content: a file name's ending proves nothing. */
  readonly mediaType: string;
  readonly fileName: string;
}

/** Transcribes recordings. */
export interface Transcriber {
  readonly provider: string;
  readonly model: string;
  /** The cost of a recording, in micro-units; `undefined` if the price is unknown. */
  priceOf(usage: TokenUsage): number | undefined;
  /** Empty if nothing is said. Makes one attempt; throws only `ModelError`. */
  transcribe(
    recording: Recording,
    signal: AbortSignal,
  ): Promise<{ readonly text: string; readonly usage: TokenUsage }>;
}
