/**
 * How long platforms want certain calls to wait, known to every process that may make them. A name says who has
 * to wait, e.g. a bot or one of its chats; it contains no secret.
 */
export interface PlatformWaits {
  /** What is left of a wait, in ms; 0 if there is none. */
  leftMs(name: string): number;
  /** Resolves once other processes can learn of the wait. Never shortens a longer one, and never rejects. */
  impose(name: string, ms: number): Promise<void>;
}
