export type ConnectionState =
  | { readonly state: 'connecting' | 'stopped' }
  /** `reason`: connected, but with a problem, e.g. a missing permission. */
  | { readonly state: 'open'; readonly reason?: string }
  | { readonly state: 'backing-off'; readonly reason: string; readonly until: Date }
  | {
      readonly state: 'needs-pairing';
      readonly reason: string;
      readonly qr?: string;
      readonly pairingCode?: string;
    }
  | { readonly state: 'blocked'; readonly reason: string };

export interface PairingRequest {
  readonly method: 'qr' | 'code';
  /** Digits including the country code; required for `code`. */
  readonly phone?: string;
}

/**
 * What a channel stores for one account: encrypted, and fenced, so that a process that lost the connection's
 * lease can no longer write. Writing to it restarts nothing. Throws `StoreError`, of kind `conflict` if the
 * lease was lost.
 */
export interface AccountState {
  /** Missing keys are absent from the result. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** All or nothing, durable once resolved; `undefined` removes a key. */
  write(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void>;
  /** All keys that begin with `prefix`. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Deletes everything, e.g. when the platform logged the account out. */
  clear(): Promise<void>;
}
