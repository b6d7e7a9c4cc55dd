import type { Route } from '../lib/api/route.js';
import { createAnswerChat } from './chat/answer-chat.js';
import type { ServerDependencies } from './dependencies.js';
import { documentationRoutes } from './docs/documentation-routes.js';
import { channelRoutes } from './routes/channels.js';
import { interactionRoutes } from './routes/interactions.js';
import { pairingRoutes } from './routes/pairing.js';
import { chatRoutes } from './routes/chat.js';
import { conversationRoutes } from './routes/conversations.js';
import { faqRoutes } from './routes/faq.js';
import { keyRoutes } from './routes/keys.js';
import { kbRoutes } from './routes/kb.js';
import { stopRoutes } from './routes/stop.js';
import { systemRoutes } from './routes/system.js';
import { tenantRoutes } from './routes/tenants.js';
import { tenantSettingsRoutes } from './routes/tenant-settings.js';
import { unansweredRoutes } from './routes/unanswered.js';
import { webRoutes } from './routes/web.js';
import { webhookRoutes } from './routes/webhooks.js';
import type { RateLimits } from './server/rate-limits.js';

/** The combined dependencies of this room's routes; each route uses only its own. */
export type RouteNeeds = Parameters<typeof createAnswerChat>[0] &
  Parameters<typeof conversationRoutes>[0] &
  Parameters<typeof kbRoutes>[0] &
  Parameters<typeof faqRoutes>[0] &
  Parameters<typeof unansweredRoutes>[0] &
  Parameters<typeof tenantRoutes>[0] &
  Parameters<typeof channelRoutes>[0] &
  Parameters<typeof pairingRoutes>[0] &
  Parameters<typeof webRoutes>[0] &
  Parameters<typeof stopRoutes>[0] &
  Parameters<typeof systemRoutes>[0];

export type HttpDependencies = ServerDependencies & RouteNeeds;

/** The explicit list of everything callable from outside. Two routes on one path prevent the start. */
export function createRouteTable(
  deps: HttpDependencies,
  rateLimits: RateLimits,
  closing: AbortSignal,
): readonly Route[] {
  const answerChat = createAnswerChat(deps);
  const described = [
    ...chatRoutes(deps, answerChat),
    ...stopRoutes(deps),
    ...conversationRoutes(deps),
    ...kbRoutes(deps),
    ...faqRoutes(deps),
    ...unansweredRoutes(deps),
    ...interactionRoutes(),
    ...tenantRoutes(deps),
    ...tenantSettingsRoutes(deps),
    ...keyRoutes(deps),
    ...channelRoutes(deps),
    ...pairingRoutes(deps),
    ...webRoutes(deps, answerChat, rateLimits, closing),
    ...webhookRoutes(rateLimits),
    ...systemRoutes(deps),
    ...(deps.routes ?? []),
  ];
  const routes = [...described, ...documentationRoutes(deps, described)];
  refuseDuplicates(routes);
  return routes;
}

function refuseDuplicates(routes: readonly Route[]): void {
  const names = new Set<string>();
  for (const route of routes) {
    for (const path of [route.path, ...route.legacyPaths]) {
      const name = `${route.method} ${path.replaceAll(/\{\w+\}/g, '{}')}`;
      if (names.has(name)) throw new Error(`two routes for ${name}`);
      names.add(name);
    }
  }
}
