/** The stored answer to a write that carried an Idempotency-Key. */
export interface StoredResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** Remembers writes by Idempotency-Key for at least 24 hours. */
export interface IdempotencyStore {
  /**
   * Claims the key for this request. `new`: run it, then `finish`. A claim whose process died is
   * free again after `leaseMs`.
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
  /** `keep` makes it outlast the 24 hours: for what happens once in the life of a tenant. */
  finish(key: string, response: StoredResponse, options?: { readonly keep: 'forever' }): Promise<void>;
  /** The request failed in a way that may be tried again: forget the claim. */
  abandon(key: string): Promise<void>;
}
