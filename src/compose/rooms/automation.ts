import {
  createFollowUpPlanner,
  createPromiseKeeper,
  createReports,
  followUpRoutes,
  FollowUps,
  reportRoutes,
  sequenceRoutes,
  Sequences,
  StaffNews,
} from '../../automation/index.js';
import type { FindAccount, Outreach } from '../../contracts/chat.js';
import type { Events } from '../../contracts/events.js';
import type { FollowUpPlanner } from '../../contracts/follow-up-planner.js';
import type { Job } from '../../contracts/queue.js';
import type { PromiseKeeper } from '../../contracts/promises.js';
import type { Reports } from '../../contracts/reports.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { UsageService } from '../../contracts/usage.js';
import type { Route } from '../../lib/api/route.js';
import { staffChats } from '../../people/index.js';
import type { Foundation } from '../foundation.js';

/** Everything the business does later on its own. */
export function automationRoom(
  needs: Foundation & {
    readonly outreach: Outreach;
    readonly findAccount: FindAccount;
    readonly events: Events;
    readonly usage: UsageService;
  },
): {
  readonly followUps: FollowUps;
  readonly sequences: Sequences;
  readonly planner: FollowUpPlanner;
  readonly reports: Reports;
  readonly promises: PromiseKeeper;
  readonly automationRoutes: readonly Route[];
  readonly automationJobs: readonly Job[];
} {
  const followUps = new FollowUps(needs);
  const sequences = new Sequences({ ...needs, followUps });
  const reports = createReports(needs);
  const chats = { staffChats: (scope: TenantScope) => staffChats(scope, needs.findAccount) };
  const news = new StaffNews({ ...needs, ...chats, reports });
  needs.followSettings((scope) => news.follow(scope));
  return {
    followUps,
    sequences,
    planner: createFollowUpPlanner(followUps, needs.clock),
    reports,
    promises: createPromiseKeeper({ ...needs, ...chats, followUps }),
    automationRoutes: [
      ...followUpRoutes({ ...needs, followUps }),
      ...sequenceRoutes({ ...needs, sequences }),
      ...reportRoutes(needs),
    ],
    automationJobs: [...followUps.jobs(), ...news.jobs()],
  };
}
