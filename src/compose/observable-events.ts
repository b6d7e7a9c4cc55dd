import type { Events, EventType } from '../contracts/events.js';
import type { Logger } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';

export type EventObserver = (
  scope: TenantScope,
  type: EventType,
  data: Readonly<Record<string, unknown>>,
) => Promise<void>;

/** Sends events to the businesses' own systems, and to listeners in other rooms. */
export class ObservableEvents implements Events {
  private readonly observers: EventObserver[] = [];

  constructor(
    private readonly outside: Events,
    private readonly logger: Logger,
  ) {}

  observe(observer: EventObserver): void {
    this.observers.push(observer);
  }

  async emit(...args: Parameters<EventObserver>): Promise<void> {
    const [scope, type] = args;
    const notifications = this.observers.map(async (observer) => {
      try {
        await observer(...args);
      } catch (error) {
        // The event has happened even if a listener failed.
        this.logger.error({ err: error, tenantId: scope.tenantId, type }, 'a listener of an event failed');
      }
    });
    await Promise.all([this.outside.emit(...args), ...notifications]);
  }
}
