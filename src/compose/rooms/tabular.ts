import type { Outreach } from '../../contracts/chat.js';
import {
  runWork,
  tabularCommands,
  tabularRoutes,
  TabularService,
  trainingReport,
} from '../../tabular/index.js';
import type { Brought } from '../extension.js';
import type { Ground } from '../ground.js';

/** Models made of tables: what it brings to every other room. */
export function tabularRoom(needs: Ground & { readonly outreach: Outreach }): Brought & {
  readonly tabular: TabularService;
} {
  const { queue, clock, makeId, i18n, outreach } = needs;
  const tabular = new TabularService({
    queue,
    runWork,
    clock,
    makeId,
    async onFinished(scope, training) {
      const { conversationId } = training;
      if (conversationId === undefined) return;
      const model = training.modelId === undefined ? undefined : await tabular.model(scope, training.modelId);
      const t = i18n.translator(training.locale ?? scope.settings.locale);
      const text = trainingReport(training, model, t);
      await outreach.say(scope, conversationId, `training ${training._id}`, text, 'command');
    },
  });
  return {
    tabular,
    routes: tabularRoutes(tabular),
    jobs: tabular.jobs(),
    commands: tabularCommands(tabular),
  };
}
