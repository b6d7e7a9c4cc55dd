/** The waits that platforms have imposed on any process. */
export interface WaitStore {
  /** Durable once resolved. Never shortens a longer wait. */
  put(name: string, ms: number): Promise<void>;
  /** Those that are not over, with what is left of them in ms. */
  current(): Promise<readonly { readonly name: string; readonly leftMs: number }[]>;
}
