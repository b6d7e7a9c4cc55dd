import type { ModelAccount, ModelCall } from '../../contracts/model.js';
import type { Clock, Logger, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type {
  Budget,
  BudgetLevel,
  BudgetState,
  BudgetWarning,
  ModelPurpose,
  UsageService,
  UsageTotals,
} from '../../contracts/usage.js';
import { dayIn, firstOfMonth } from '../../lib/time/calendar.js';
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
export class RecordedUsage implements UsageService {
  private readonly ledger: Ledger;
  private readonly budgets: BudgetCache;
  private readonly settling = new Set<Promise<void>>();

  constructor(private readonly deps: UsageDependencies) {
    this.ledger = new Ledger(deps);
    this.budgets = new BudgetCache(deps.clock);
  }

  account(scope: TenantScope, payer: Payer): ModelAccount {
    const { clock, makeId } = this.deps;
    const store = scope.store(usageStore);
    // A summary or a search belongs to a turn and does not count as one.
    let isCounted = payer.purpose !== 'answer';
    return {
      reserve: async (planned) => {
        const { mostMicros: micros, costMicros: leastMicros = 0 } = planned;
        const hold = { id: makeId('hold'), micros, leastMicros };
        const limits = micros === 0 ? [] : await this.limits(scope, payer);
        const refused = await reserveInTime(store, limits, hold, clock);
        if (refused !== undefined) {
          // The budget counts as used up once it cannot pay for another call, even if a little is left.
          if (!refused.isWaiting) await this.warnOnce(scope, refused.limit, refused.spentMicros, 100);
          return undefined;
        }
        const keyFor = (call: Called): LedgerKey => keyOf(call, payer, this.today(scope));
        const end = this.ledger.begin(scope, keyFor(planned), countsOf({ ...planned, ...UNFINISHED }, 0));
        return {
          settle: (call) => {
            end(keyFor(call), countsOf(call, isCounted ? 0 : 1));
            isCounted = true;
            this.settleLater(scope, limits, hold, call.costMicros ?? 0);
          },
        };
      },
    };
  }

  async report(
    scope: TenantScope,
    { from, to, groupBy }: Parameters<UsageService['report']>[1],
  ): Promise<readonly UsageTotals[]> {
    const store = scope.store(usageStore);
    await this.upToDate(store, from, to);
    const totals = [...(await store.totals(from, to, groupBy))];
    return groupBy === 'day'
      ? totals.sort((a, b) => a.key.localeCompare(b.key))
      : totals.sort((a, b) => b.costMicros - a.costMicros || b.inputTokens - a.inputTokens);
  }

  async budget(scope: TenantScope): Promise<BudgetState> {
    const store = scope.store(usageStore);
    const day = this.today(scope);
    await this.upToDate(store, firstOfMonth(day), day);
    const [budget, dayMicros, monthMicros] = await Promise.all([
      store.budget(),
      store.cost(day, day),
      store.cost(firstOfMonth(day), day),
    ]);
    return { budget, spent: { dayMicros, monthMicros } };
  }

  async setBudget(scope: TenantScope, budget: Budget): Promise<void> {
    await scope.store(usageStore).setBudget(budget);
    this.budgets.forget(scope.tenantId);
  }

  async flush(): Promise<void> {
    await Promise.all(this.settling);
    await this.ledger.flush();
  }

  private async upToDate(store: UsageStore, from: string, to: string): Promise<void> {
    await this.ledger.flush();
    await store.countAbandoned(from, to);
  }

  private async limits(scope: TenantScope, payer: Payer): Promise<readonly Limit[]> {
    const { ledger, budgets } = this;
    return limitsOf(await budgets.get(scope), payer, this.today(scope), {
      store: scope.store(usageStore),
      ledger,
    });
  }

  private settleLater(scope: TenantScope, limits: readonly Limit[], hold: Hold, micros: number): void {
    const done = this.settle(scope, limits, hold, micros)
      .catch((error: unknown) => this.deps.logger.error({ error }, 'the cost of a call was not recorded'))
      .finally(() => this.settling.delete(done));
    this.settling.add(done);
  }

  private async settle(
    scope: TenantScope,
    limits: readonly Limit[],
    hold: Hold,
    micros: number,
  ): Promise<void> {
    for (const limit of limits) {
      const spent = await scope.store(usageStore).settle(limit.counter, hold, micros);
      await this.warnOnce(scope, limit, spent, levelOf(limit, spent));
    }
  }

  private async warnOnce(
    scope: TenantScope,
    limit: Limit,
    spent: number,
    level: BudgetLevel | undefined,
  ): Promise<void> {
    if (level === undefined || limit.warnsAs === undefined) return;
    if (!(await scope.store(usageStore).markWarned(limit.counter, level))) return;
    await this.deps.warn(scope, {
      limit: limit.warnsAs,
      level,
      spentMicros: spent,
      limitMicros: limit.micros,
    });
  }

  private today({ settings }: TenantScope): string {
    return dayIn(settings.timezone, this.deps.clock.now());
  }
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
