import type { Route } from './api/route.js';
import { createAnswerChat } from './chat/answer-chat.js';
import type { HttpDependencies } from './dependencies.js';
import { documentationRoutes } from './docs/documentation-routes.js';
import { channelRoutes } from './routes/channels.js';
import { chatRoutes } from './routes/chat.js';
import { conversationRoutes } from './routes/conversations.js';
import { faqRoutes } from './routes/faq.js';
import { keyRoutes } from './routes/keys.js';
import { kbRoutes } from './routes/kb.js';
import { systemRoutes } from './routes/system.js';
import { tenantRoutes } from './routes/tenants.js';
import { tenantSettingsRoutes } from './routes/tenant-settings.js';
import { unansweredRoutes } from './routes/unanswered.js';
import { webRoutes } from './routes/web.js';
import { webhookRoutes } from './routes/webhooks.js';
import type { RateLimits } from './server/rate-limits.js';

/** The written list of everything the outside can call. Two routes on one path stop the start. */
export function createRouteTable(deps: HttpDependencies, rateLimits: RateLimits): readonly Route[] {
  const answerChat = createAnswerChat(deps);
  const described = [
    ...chatRoutes(deps, answerChat),
    ...conversationRoutes(deps),
    ...kbRoutes(deps),
    ...faqRoutes(deps),
    ...unansweredRoutes(deps),
    ...tenantRoutes(deps),
    ...tenantSettingsRoutes(deps),
    ...keyRoutes(deps),
    ...channelRoutes(deps),
    ...webRoutes(deps, answerChat, rateLimits),
    ...webhookRoutes(rateLimits),
    ...systemRoutes(deps),
  ];
  const routes = [...described, ...documentationRoutes(deps, described)];
  refuseDuplicates(routes);
  return routes;
}

function refuseDuplicates(routes: readonly Route[]): void {
  const seen = new Set<string>();
  for (const route of routes) {
    for (const path of [route.path, ...route.legacyPaths]) {
      const name = `${route.method} ${path.replaceAll(/\{\w+\}/g, '{}')}`;
      if (seen.has(name)) throw new Error(`two routes for ${name}`);
      seen.add(name);
    }
  }
}
