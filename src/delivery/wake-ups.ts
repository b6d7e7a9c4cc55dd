type Listener = (tenantId: string, conversationId: string) => void;

/**
 * Tells this process's worker that something was stored in a lane. Code that stores events need not know who
 * works on them; if nobody listens here, another process's sweep finds the lane.
 */
export class WakeUps {
  private listener: Listener = () => undefined;

  readonly wake: Listener = (tenantId, conversationId) => this.listener(tenantId, conversationId);

  listen(listener: Listener): void {
    this.listener = listener;
  }
}
