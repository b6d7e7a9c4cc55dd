import type { Outreach, Rewrite } from '../../contracts/chat.js';
import type { Events } from '../../contracts/events.js';
import {
  runWork,
  tableTools,
  tabularCommands,
  tabularRoutes,
  TabularService,
  TellTraining,
} from '../../tabular/index.js';
import type { Brought } from '../extension.js';
import type { Ground } from '../ground.js';

/** Models made of tables: what it brings to every other room. */
export function tabularRoom(
  needs: Ground & { readonly outreach: Outreach; readonly rewrite: Rewrite; readonly events: Events },
): Brought & {
  readonly tabular: TabularService;
} {
  const { queue, clock, makeId, i18n } = needs;
  const tabular = new TabularService({ queue, runWork, clock, makeId, i18n, tell: new TellTraining(needs) });
  return {
    tabular,
    routes: tabularRoutes(tabular),
    jobs: tabular.jobs(),
    commands: tabularCommands(tabular),
    tools: tableTools({ ...needs, tabular }),
  };
}
