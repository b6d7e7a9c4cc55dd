import type { ModelAccount, ModelCall } from '../../contracts/model.js';
import type { Clock, Logger, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import {
  type BudgetLevel,
  type BudgetWarning,
  type ModelPurpose,
  type UsageService,
} from '../../contracts/usage.js';
import { dayIn, firstOfMonth } from '../../lib/calendar.js';
import { BudgetCache } from './budget-cache.js';
import { Ledger } from './ledger.js';
import { levelOf, limitsOf, reserveInTime, type Limit } from './limits.js';
import {
  NO_COUNTS,
  usageStore,
  type Counts,
  type Hold,
  type LedgerKey,
  type UsageStore,
} from './usage-store.js';

export interface UsageDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly makeId: MakeId;
  /** Tells the staff of a business how much of its budget is used up. */
  readonly warn: (scope: TenantScope, warning: BudgetWarning) => Promise<void>;
}

interface Payer {
  readonly contactId?: string;
  readonly purpose: ModelPurpose;
}

/** The ledger of calls and the budgets that pay for them. */
export function createUsageService(deps: UsageDependencies): UsageService {
  const { clock, logger, makeId, warn } = deps;
  const ledger = new Ledger(deps);
  const settling = new Set<Promise<void>>();
  const budgets = new BudgetCache(clock);

  const today = ({ settings }: TenantScope): string => dayIn(settings.timezone, clock.now());

  function account(scope: TenantScope, payer: Payer): ModelAccount {
    // A summary or a search belongs to a turn and does not count as one.
    let isCounted = payer.purpose !== 'answer';
    return {
      async reserve(planned) {
        const store = scope.store(usageStore);
        const { mostMicros: micros, costMicros: leastMicros = 0 } = planned;
        const limits =
          micros === 0 ? [] : limitsOf(await budgets.get(scope), payer, today(scope), { store, ledger });
        const hold = { id: makeId('hold'), micros, leastMicros };
        const refused = await reserveInTime(store, limits, hold, clock);
        if (refused !== undefined) {
          // The budget counts as used up once it cannot pay for another call, even if a little is left.
          if (!refused.isWaiting) await warnOnce(scope, store, refused.limit, refused.spentMicros, 100);
          return undefined;
        }
        const keyFor = (call: Called): LedgerKey => keyOf(call, payer, today(scope));
        const end = ledger.begin(scope, keyFor(planned), countsOf({ ...planned, ...UNFINISHED }, 0));
        return {
          settle(call) {
            end(keyFor(call), countsOf(call, isCounted ? 0 : 1));
            isCounted = true;
            const done = settle(scope, store, limits, hold, call.costMicros ?? 0)
              .catch((error: unknown) => logger.error({ error }, 'the cost of a call was not recorded'))
              .finally(() => settling.delete(done));
            settling.add(done);
          },
        };
      },
    };
  }

  async function settle(
    scope: TenantScope,
    store: UsageStore,
    limits: readonly Limit[],
    hold: Hold,
    micros: number,
  ): Promise<void> {
    for (const limit of limits) {
      const spent = await store.settle(limit.counter, hold, micros);
      await warnOnce(scope, store, limit, spent, levelOf(limit, spent));
    }
  }

  async function warnOnce(
    scope: TenantScope,
    store: UsageStore,
    limit: Limit,
    spent: number,
    level: BudgetLevel | undefined,
  ): Promise<void> {
    if (level === undefined || limit.warnsAs === undefined) return;
    if (!(await store.markWarned(limit.counter, level))) return;
    await warn(scope, { limit: limit.warnsAs, level, spentMicros: spent, limitMicros: limit.micros });
  }

  return {
    account,
    async report(scope, { from, to, groupBy }) {
      const store = scope.store(usageStore);
      await Promise.all([ledger.flush(), store.countAbandoned(from, to)]);
      const totals = [...(await store.totals(from, to, groupBy))];
      return groupBy === 'day'
        ? totals.sort((a, b) => a.key.localeCompare(b.key))
        : totals.sort((a, b) => b.costMicros - a.costMicros || b.inputTokens - a.inputTokens);
    },
    async budget(scope) {
      const store = scope.store(usageStore);
      const day = today(scope);
      await Promise.all([ledger.flush(), store.countAbandoned(firstOfMonth(day), day)]);
      const [budget, dayMicros, monthMicros] = await Promise.all([
        store.budget(),
        store.cost(day, day),
        store.cost(firstOfMonth(day), day),
      ]);
      return { budget, spent: { dayMicros, monthMicros } };
    },
    async setBudget(scope, budget) {
      await scope.store(usageStore).setBudget(budget);
      budgets.forget(scope.tenantId);
    },
    async flush() {
      await Promise.all(settling);
      await ledger.flush();
    },
  };
}

/** The model that was called. */
type Called = Pick<ModelCall, 'provider' | 'model'>;

/** A call whose process died is counted with what was planned; the turn is counted when it is run again. */
const UNFINISHED = { isEstimated: true, outcome: 'aborted', tookMs: 0 } as const;

function keyOf({ provider, model }: Called, { contactId = '', purpose }: Payer, day: string): LedgerKey {
  return { day, model: `${provider}:${model}`, contact: contactId, purpose };
}

function countsOf({ usage, outcome, isEstimated, costMicros }: ModelCall, turns: number): Counts {
  const { inputTokens, outputTokens, cachedTokens = 0, reasoningTokens = 0, audioSeconds = 0 } = usage;
  return {
    ...NO_COUNTS,
    turns,
    calls: 1,
    failedCalls: outcome === 'ok' ? 0 : 1,
    estimatedCalls: isEstimated ? 1 : 0,
    unpricedCalls: costMicros === undefined && inputTokens + outputTokens + audioSeconds > 0 ? 1 : 0,
    inputTokens,
    outputTokens,
    cachedTokens,
    reasoningTokens,
    costMicros: costMicros ?? 0,
  };
}
