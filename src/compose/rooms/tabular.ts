import type { Outreach } from '../../contracts/chat.js';
import type { Events } from '../../contracts/events.js';
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
export function tabularRoom(
  needs: Ground & { readonly outreach: Outreach; readonly events: Events },
): Brought & {
  readonly tabular: TabularService;
} {
  const { queue, clock, makeId, i18n, outreach, events } = needs;
  const tabular = new TabularService({
    queue,
    runWork,
    clock,
    makeId,
    async onFinished(scope, training) {
      const { conversationId, status, modelId } = training;
      await events.emit(scope, 'training.finished', {
        training_id: training._id,
        status,
        ...(modelId === undefined ? {} : { model_id: modelId }),
      });
      if (conversationId === undefined) return;
      const model = modelId === undefined ? undefined : await tabular.model(scope, modelId);
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
