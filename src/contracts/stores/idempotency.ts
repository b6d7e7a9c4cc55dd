/** The stored response to a write with an Idempotency-Key. */
export interface StoredResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Remembers writes by Idempotency-Key for at least 24 hours. */
export interface IdempotencyStore {
  /**
   * Claims the key for this request. `new`: run it, then call `finish`. A claim whose process died is
   * released after `leaseMs`.
   */
  begin(
    key: string,
    requestHash: string,
    leaseMs: number,
  ): Promise<
    | { readonly type: 'new' }
    | { readonly type: 'in-progress' }
    | { readonly type: 'conflict' }
    | { readonly type: 'done'; readonly response: StoredResponse }
  >;
  /** `keep` retains it beyond 24 hours, for writes that happen once in a tenant's life. */
  finish(key: string, response: StoredResponse, options?: { readonly keep: 'forever' }): Promise<void>;
  /** The request failed in a retryable way: releases the claim. */
  abandon(key: string): Promise<void>;
}
