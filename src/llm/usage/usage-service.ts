import type { ModelAccount, ModelCall } from '../../contracts/model.js';
import type { Clock, Logger, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import {
  BUDGET_LEVELS,
  type Budget,
  type BudgetLevel,
  type BudgetWarning,
  type ModelPurpose,
  type UsageService,
} from '../../contracts/usage.js';
import { dayIn, firstOfMonth } from '../../lib/calendar.js';
import { Ledger } from './ledger.js';
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

/**
 * How long a budget is cached, in ms, so other processes may miss a change for that long, and for how many
 * businesses.
 */
const BUDGET_KNOWN_MS = 2_000;
const MOST_KNOWN = 5_000;

/**
 * How long a call waits for money reserved by others that they may not need, and how often it checks, in ms.
 */
const WAIT_MS = 5_000;
const LOOK_MS = 100;

/** One limit that a call counts against. */
interface Limit {
  readonly counter: string;
  readonly micros: number;
  /** Which limit staff are told about; absent for a contact's limit, which does not concern them. */
  readonly tells?: BudgetWarning['limit'];
  /** What was spent before counting began. */
  before(): Promise<number>;
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
  const budgets = new Map<string, { readonly budget: Promise<Budget>; readonly until: number }>();

  /** Cached briefly, so that turns do not wait for limits that hardly ever change. */
  function budgetOf(scope: TenantScope): Promise<Budget> {
    const now = clock.monotonicMs();
    const fresh = budgets.get(scope.tenantId);
    if (fresh !== undefined && fresh.until > now) return fresh.budget;
    const budget = scope.store(usageStore).budget();
    budget.catch(() => budgets.delete(scope.tenantId));
    if (budgets.size >= MOST_KNOWN) budgets.clear();
    budgets.set(scope.tenantId, { budget, until: now + BUDGET_KNOWN_MS });
    return budget;
  }
  const today = ({ settings }: TenantScope): string => dayIn(settings.timezone, clock.now());

  function account(scope: TenantScope, payer: Payer): ModelAccount {
    // A summary or a search belongs to a turn and does not count as one.
    let isCounted = payer.purpose !== 'answer';
    return {
      async reserve(planned) {
        const store = scope.store(usageStore);
        const { mostMicros: micros, costMicros: leastMicros = 0 } = planned;
        const limits =
          micros === 0 ? [] : limitsOf(await budgetOf(scope), store, payer, today(scope), ledger);
        const hold = { id: makeId('hold'), micros, leastMicros };
        const refused = await takeInTime(store, limits, hold, clock);
        if (refused !== undefined) {
          // The budget counts as used up once it cannot pay for another call, even if a little is left.
          if (!refused.isWaiting) await tell(scope, store, refused.limit, refused.spentMicros, 100);
          return undefined;
        }
        const keyFor = (call: Called): LedgerKey => keyOf(call, payer, today(scope));
        const end = ledger.begin(scope, keyFor(planned), countsOf({ ...planned, ...UNFINISHED }, 0));
        return {
          settle(call) {
            end(keyFor(call), countsOf(call, isCounted ? 0 : 1));
            isCounted = true;
            const done = settle(scope, store, limits, hold, call.costMicros ?? 0)
              .catch((error: unknown) => logger.error({ error }, 'what a call cost was not noted'))
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
      await tell(scope, store, limit, spent, levelOf(limit, spent));
    }
  }

  async function tell(
    scope: TenantScope,
    store: UsageStore,
    limit: Limit,
    spent: number,
    level: BudgetLevel | undefined,
  ): Promise<void> {
    if (level === undefined || limit.tells === undefined) return;
    if (!(await store.tell(limit.counter, level))) return;
    await warn(scope, { limit: limit.tells, level, spentMicros: spent, limitMicros: limit.micros });
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
      budgets.delete(scope.tenantId);
    },
    async flush() {
      await Promise.all(settling);
      await ledger.flush();
    },
  };
}

function limitsOf(
  { dayMicros, monthMicros, contactDayMicros }: Budget,
  store: UsageStore,
  { contactId }: Payer,
  day: string,
  ledger: Ledger,
): readonly Limit[] {
  const cost = async (from: string, contact?: string): Promise<number> => {
    await Promise.all([ledger.flush(), store.countAbandoned(from, day)]);
    return store.cost(from, day, contact);
  };
  const limits: Limit[] = [];
  if (dayMicros !== undefined)
    limits.push({ counter: `day:${day}`, micros: dayMicros, tells: 'day', before: () => cost(day) });
  if (monthMicros !== undefined) {
    const month = firstOfMonth(day);
    limits.push({
      counter: `month:${month}`,
      micros: monthMicros,
      tells: 'month',
      before: () => cost(month),
    });
  }
  if (contactDayMicros !== undefined && contactId !== undefined) {
    const counter = `contact:${day}:${contactId}`;
    limits.push({ counter, micros: contactDayMicros, before: () => cost(day, contactId) });
  }
  return limits;
}

function levelOf({ micros }: Limit, spent: number): BudgetLevel | undefined {
  return BUDGET_LEVELS.findLast((each) => spent >= (micros * each) / 100);
}

/** Why a call is not paid for. */
interface Refusal {
  readonly limit: Limit;
  readonly spentMicros: number;
  /** The remaining money is reserved for other calls, which may cost less in the end. */
  readonly isWaiting: boolean;
}

/** Waits briefly for money reserved by other calls: many calls at once do not mean the budget is used up. */
async function takeInTime(
  store: UsageStore,
  limits: readonly Limit[],
  hold: Hold,
  clock: Clock,
): Promise<Refusal | undefined> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const refused = await take(store, limits, hold);
    if (refused?.isWaiting !== true || waitedMs >= WAIT_MS) return refused;
    await clock.sleep(LOOK_MS);
  }
}

/** Reserves the money in all limits or in none; returns the limit that does not suffice. */
async function take(store: UsageStore, limits: readonly Limit[], hold: Hold): Promise<Refusal | undefined> {
  for (const [index, limit] of limits.entries()) {
    const { counter } = limit;
    let result = await store.putAside(counter, hold, limit.micros);
    if (result === undefined) {
      await store.begin(counter, await limit.before());
      result = await store.putAside(counter, hold, limit.micros);
    }
    if (result === 'done') continue;
    for (const earlier of limits.slice(0, index)) await store.settle(earlier.counter, hold, 0);
    const spentMicros = result?.spentMicros ?? 0;
    return { limit, spentMicros, isWaiting: spentMicros + hold.micros <= limit.micros };
  }
  return undefined;
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
