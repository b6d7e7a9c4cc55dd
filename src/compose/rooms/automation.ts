import {
  createFollowUpPlanner,
  followUpRoutes,
  FollowUps,
  sequenceRoutes,
  Sequences,
} from '../../automation/index.js';
import type { FindAccount, Outreach } from '../../contracts/chat.js';
import type { Events } from '../../contracts/events.js';
import type { FollowUpPlanner } from '../../contracts/follow-up-planner.js';
import type { Job } from '../../contracts/queue.js';
import type { Route } from '../../lib/api/route.js';
import type { Ground } from '../ground.js';

/** What the business does later, by itself. */
export function automationRoom(
  needs: Ground & { readonly outreach: Outreach; readonly findAccount: FindAccount; readonly events: Events },
): {
  readonly followUps: FollowUps;
  readonly planner: FollowUpPlanner;
  readonly automationRoutes: readonly Route[];
  readonly automationJobs: readonly Job[];
} {
  const followUps = new FollowUps(needs);
  const sequences = new Sequences({ ...needs, followUps });
  return {
    followUps,
    planner: createFollowUpPlanner(followUps),
    automationRoutes: [...followUpRoutes({ ...needs, followUps }), ...sequenceRoutes({ sequences })],
    automationJobs: followUps.jobs(),
  };
}
