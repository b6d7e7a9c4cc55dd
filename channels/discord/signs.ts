/** How long a first sign is remembered after it was given, in ms: answers come after it at once. */
const REMEMBERED_MS = 5_000;

/**
 * First signs of interactions that this process is giving: an answer that is quicker than its sign
 * would be refused.
 */
export class Signs {
  private readonly given = new Map<string, Promise<void>>();

  /** `sign` does not reject. */
  giving(interactionToken: string, sign: Promise<void>): void {
    this.given.set(interactionToken, sign);
    void sign.then(() => setTimeout(() => this.given.delete(interactionToken), REMEMBERED_MS).unref());
  }

  /** Resolves when it was given; at once where another process gives it. */
  acknowledged(interactionToken: string): Promise<void> {
    return this.given.get(interactionToken) ?? Promise.resolve();
  }
}
