import type { Outreach } from '../../contracts/chat.js';
import { CURRENCY, type BudgetWarning, type UsageService } from '../../contracts/usage.js';
import type { Route } from '../../lib/api/route.js';
import { dayIn } from '../../lib/time/calendar.js';
import { RecordedUsage, usageRoutes } from '../../llm/index.js';
import { staffChats } from '../../people/index.js';
import type { Foundation } from '../foundation.js';
import type { GatewayRoom } from './gateway.js';

/** Model costs and budgets. */
export function usageRoom(needs: Foundation & GatewayRoom & { readonly outreach: Outreach }): {
  readonly usage: UsageService;
  readonly usageRoutes: readonly Route[];
} {
  const { clock, logger, makeId, outreach, findAccount, i18n } = needs;
  const usage = new RecordedUsage({
    clock,
    logger,
    makeId,
    async warn(scope, warning) {
      const { limit, level, spentMicros, limitMicros } = warning;
      logger.warn({ tenant: scope.tenantId, limit, level, spentMicros, limitMicros }, 'a budget is used up');
      const { locale, timezone } = scope.settings;
      const key = `budget:${limit}:${level}:${dayIn(timezone, clock.now())}`;
      const text = i18n.translator(locale)('budget.warning', sayable(warning));
      for (const { conversation } of await staffChats(scope, findAccount)) {
        await outreach.say(scope, conversation.id, `${key}:${conversation.id}`, text, 'command');
      }
    },
  });
  return { usage, usageRoutes: usageRoutes({ usage, clock }) };
}

function sayable({ limit, level, spentMicros, limitMicros }: BudgetWarning): Record<string, string | number> {
  return {
    limit,
    level,
    spent: spentMicros / 1_000_000,
    budget: limitMicros / 1_000_000,
    currency: CURRENCY,
  };
}
