/** One-time codes, e.g. for `/claim`; only hashes are stored. */
export interface CodeStore {
  /** Returns the code, 8 easily typed characters, which is shown once. */
  create(purpose: 'claim-staff', expiresAt: Date): Promise<string>;
  /** Whether the code is still valid. */
  knows(purpose: 'claim-staff', code: string, now: Date): Promise<boolean>;
  /** Uses up the code; `false` if it is unknown, used or expired. */
  spend(purpose: 'claim-staff', code: string, now: Date): Promise<boolean>;
}
