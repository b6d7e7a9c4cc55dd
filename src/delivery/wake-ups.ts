type Listener = (tenantId: string, conversationId: string) => void;

/**
 * Tells the worker of this process that something was stored in a lane. Who stores need not know
 * who works; where nobody listens, the sweep of another process finds the lane.
 */
export class WakeUps {
  private listener: Listener = () => undefined;

  readonly wake: Listener = (tenantId, conversationId) => this.listener(tenantId, conversationId);

  listen(listener: Listener): void {
    this.listener = listener;
  }
}
