/** One-time codes, e.g. for `/claim`: kept as hashes. */
export interface CodeStore {
  /** Returns the code, 8 characters that are easy to type, shown once. */
  create(purpose: 'claim-staff', expiresAt: Date): Promise<string>;
  /** Whether the code could be spent. */
  knows(purpose: 'claim-staff', code: string, now: Date): Promise<boolean>;
  /** Spends the code; `false` when it is unknown, used or expired. */
  spend(purpose: 'claim-staff', code: string, now: Date): Promise<boolean>;
}
