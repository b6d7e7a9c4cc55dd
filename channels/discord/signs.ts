/** How long a first response is remembered after it was given, in ms: the answer follows right after it. */
const REMEMBERED_MS = 5_000;

/**
 * First responses that this process is giving to interactions: an answer sent before the first response would
 * be refused.
 */
export class Signs {
  private readonly given = new Map<string, Promise<void>>();

  /** `sign` must not reject. */
  giving(interactionToken: string, sign: Promise<void>): void {
    this.given.set(interactionToken, sign);
    void sign.then(() => setTimeout(() => this.given.delete(interactionToken), REMEMBERED_MS).unref());
  }

  /** Resolves when the first response was given, or immediately if another process gives it. */
  acknowledged(interactionToken: string): Promise<void> {
    return this.given.get(interactionToken) ?? Promise.resolve();
  }
}
