import { hookRoutes, Hooks } from '../../automation/index.js';
import type { Events } from '../../contracts/events.js';
import type { Job } from '../../contracts/queue.js';
import type { Route } from '../../lib/api/route.js';
import type { Ground } from '../ground.js';

/** How businesses' own systems hear of what happens. */
export function hooksRoom(needs: Ground): {
  readonly events: Events;
  readonly hookRoutes: readonly Route[];
  readonly hookJobs: readonly Job[];
} {
  const { outbound, secrets } = needs;
  const hooks = new Hooks({ ...needs, sealingKey: secrets.sealingKey });
  return { events: hooks, hookRoutes: hookRoutes({ hooks, outbound }), hookJobs: hooks.jobs() };
}
