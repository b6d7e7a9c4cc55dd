import { auditRoutes, createAuditLog } from '../audit/index.js';
import type { Settings } from '../config/index.js';
import type { Logger } from '../contracts/runtime.js';
import type { EmbeddedStore } from '../store/embedded/index.js';
import type { Extension } from './extension.js';
import { createChannelDesk } from '../gateway/index.js';
import { layFoundation, makeEssentials } from './foundation.js';
import { roomStores } from './room-stores.js';
import { automationRoom } from './rooms/automation.js';
import { connectionsRoom } from './rooms/connections.js';
import { conversationRoom } from './rooms/conversation.js';
import { deliveryRoom, outreachRoom } from './rooms/delivery.js';
import { gatewayRoom } from './rooms/gateway.js';
import { hooksRoom } from './rooms/hooks.js';
import { knowledgeRoom } from './rooms/knowledge.js';
import { learningRoom } from './rooms/learning.js';
import { modelsRoom } from './rooms/models.js';
import { peopleRoom } from './rooms/people.js';
import { tabularRoom } from './rooms/tabular.js';
import { toolsRoom } from './rooms/tools.js';
import { usageRoom } from './rooms/usage.js';

/** The whole service, assembled but not yet running. */
export type App = Awaited<ReturnType<typeof compose>>;

/**
 * The list of rooms: each builds its services from those above it. `opening` is the local embedded store;
 * absent if the settings name a MongoDB server.
 */
export async function compose(
  settings: Settings,
  logger: Logger,
  opening: Promise<EmbeddedStore> | undefined,
  extensions: readonly Extension[] = [],
) {
  const essentials = makeEssentials(
    settings,
    logger,
    extensions.flatMap(({ texts = [] }) => texts),
  );
  const models = modelsRoom(essentials);
  const stores = [...roomStores, ...extensions.flatMap((extension) => extension.stores ?? [])];
  const base = { ...(await layFoundation(essentials, opening, stores)), ...models };
  const foundation = { ...base, ...hooksRoom(base), audit: createAuditLog(base) };

  const gateway = { ...foundation, ...gatewayRoom(foundation) };
  const outreach = { ...gateway, ...outreachRoom(gateway) };
  const usage = { ...outreach, ...usageRoom(outreach) };
  const knowledge = { ...usage, ...(await knowledgeRoom(usage)) };
  const learning = { ...knowledge, ...learningRoom(knowledge) };
  const people = { ...learning, ...peopleRoom(learning) };
  const desk = createChannelDesk(people);
  const automation = { ...people, ...automationRoom(people), desk };
  const tables = tabularRoom(automation);
  const contributions = [tables, ...extensions.map((extension) => extension.open(foundation))];
  const all = {
    routes: contributions.flatMap(({ routes = [] }) => routes),
    commands: contributions.flatMap(({ commands = [] }) => commands),
    tools: contributions.flatMap(({ tools = [] }) => tools),
    jobs: contributions.flatMap(({ jobs = [] }) => jobs),
  };
  const tools = { ...automation, ...toolsRoom({ ...automation, tabular: tables.tabular }, all.tools) };
  const conversation = { ...tools, ...conversationRoom({ ...tools, intents: tables.tabular }, all) };
  const delivery = { ...conversation, ...deliveryRoom(conversation) };
  const house = { ...delivery, ...connectionsRoom(delivery) };

  return {
    ...house,
    tabular: tables.tabular,
    routes: [
      ...knowledge.knowledgeRoutes,
      ...usage.usageRoutes,
      ...models.modelRoutes,
      ...learning.learningRoutes,
      ...people.peopleRoutes,
      ...automation.automationRoutes,
      ...foundation.hookRoutes,
      ...auditRoutes(),
      ...tools.toolRoutes,
      ...all.routes,
    ],
    jobs: [
      ...knowledge.jobs,
      ...learning.learningJobs,
      ...people.peopleJobs,
      ...automation.automationJobs,
      ...foundation.hookJobs,
      ...tools.toolJobs,
      ...all.jobs,
    ],
    /** Closes the store and everything else that is open; whoever started the runners stops them first. */
    async close() {
      desk.close();
      await knowledge.close();
      await usage.usage.flush();
      await foundation.closeStore();
    },
  };
}
