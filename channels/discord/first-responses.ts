/** How long a first response is remembered after it was given, in ms: the answer follows right after it. */
const REMEMBERED_MS = 5_000;

/**
 * First responses that this process is giving to interactions: an answer sent before the first response would
 * be refused.
 */
export class FirstResponses {
  private readonly pending = new Map<string, Promise<void>>();

  /** `sign` must not reject. */
  track(interactionToken: string, response: Promise<void>): void {
    this.pending.set(interactionToken, response);
    void response.then(() => setTimeout(() => this.pending.delete(interactionToken), REMEMBERED_MS).unref());
  }

  /** Resolves when the first response was given, or immediately if another process gives it. */
  acknowledged(interactionToken: string): Promise<void> {
    return this.pending.get(interactionToken) ?? Promise.resolve();
  }
}
