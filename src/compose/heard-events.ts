import type { Events, EventType } from '../contracts/events.js';
import type { Logger } from '../contracts/runtime.js';
import type { TenantScope } from '../contracts/stores.js';

export type Ear = (
  scope: TenantScope,
  type: EventType,
  data: Readonly<Record<string, unknown>>,
) => Promise<void>;

/** Sends events to the businesses' own systems, and to listeners in other rooms. */
export class HeardEvents implements Events {
  private readonly ears: Ear[] = [];

  constructor(
    private readonly outside: Events,
    private readonly logger: Logger,
  ) {}

  hear(ear: Ear): void {
    this.ears.push(ear);
  }

  async emit(...args: Parameters<Ear>): Promise<void> {
    const [scope, type] = args;
    const hearing = this.ears.map(async (ear) => {
      try {
        await ear(...args);
      } catch (error) {
        // The event has happened even if a listener failed.
        this.logger.error({ err: error, tenantId: scope.tenantId, type }, 'an event was not heard');
      }
    });
    await Promise.all([this.outside.emit(...args), ...hearing]);
  }
}
