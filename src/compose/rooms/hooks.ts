import { hookRoutes, Hooks } from '../../automation/index.js';
import type { Events } from '../../contracts/events.js';
import type { Job } from '../../contracts/queue.js';
import type { Route } from '../../lib/api/route.js';
import type { Foundation } from '../foundation.js';
import { ObservableEvents } from '../observable-events.js';

/** Delivers events to the businesses' own systems. */
export function hooksRoom(needs: Foundation): {
  readonly events: Events;
  readonly observable: Pick<ObservableEvents, 'observe'>;
  readonly hookRoutes: readonly Route[];
  readonly hookJobs: readonly Job[];
} {
  const { outbound, secrets } = needs;
  const hooks = new Hooks({ ...needs, sealingKey: secrets.sealingKey });
  const events = new ObservableEvents(hooks, needs.logger);
  return {
    events,
    observable: events,
    hookRoutes: hookRoutes({ hooks, outbound }),
    hookJobs: hooks.jobs(),
  };
}
