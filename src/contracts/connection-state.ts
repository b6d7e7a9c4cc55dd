export type ConnectionState =
  | { readonly state: 'connecting' | 'stopped' }
  /** `reason`: connected, but something is wrong, e.g. a permission is missing. */
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
  /** Digits with the country code; needed for `code`. */
  readonly phone?: string;
}

/**
 * What a channel keeps for one account: encrypted, and fenced, so that a process that lost the
 * connection's lease can no longer write. Changing it restarts nothing. Throws `StoreError`;
 * of kind `conflict` where the lease was lost.
 */
export interface AccountState {
  /** Absent keys are missing in the answer. */
  read(keys: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>>;
  /** All or nothing, durable when resolved; `undefined` removes the key. */
  write(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void>;
  /** Every key that begins with `prefix`. */
  keys(prefix: string): Promise<readonly string[]>;
  /** Forgets everything, e.g. when the platform logged the account out. */
  clear(): Promise<void>;
}
