import type { TenantScope } from './stores.js';

/** Turns texts into vectors of unit length. */
export interface EmbeddingModel {
  /** Provider, model and revision; vectors with different ids are never compared. */
  readonly id: string;
  readonly dimensions: number;
  /**
   * One vector of `dimensions` per text, in order. `purpose` matters to models that embed
   * questions and passages differently. `scope`: the business that pays, where calls cost money.
   * Throws only `EmbeddingError`.
   */
  embed(
    texts: readonly string[],
    purpose: 'query' | 'passage',
    signal: AbortSignal,
    scope?: TenantScope,
  ): Promise<Float32Array[]>;
  /** Closes the underlying worker or connections. */
  close(): Promise<void>;
}

export type EmbeddingErrorKind =
  | 'rate-limited'
  | 'unauthorized'
  | 'rejected'
  | 'unreachable'
  | 'not-installed'
  /** The budget of the business does not reach for the call: nothing was sent. */
  | 'over-budget';

export class EmbeddingError extends Error {
  override readonly name = 'EmbeddingError';
  constructor(
    readonly kind: EmbeddingErrorKind,
    message: string,
    readonly options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }
}
