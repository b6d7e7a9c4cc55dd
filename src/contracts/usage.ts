import type { ModelAccount } from './model.js';
import type { TenantScope } from './stores.js';

/** The currency of prices and costs. */
export const CURRENCY = 'USD';

/** The purpose of a model call. */
export type ModelPurpose =
  'answer' | 'rewrite' | 'rerank' | 'summary' | 'transcription' | 'embedding' | 'draft' | 'evaluation';

/** `day` is the calendar day in the business's time zone. */
export const USAGE_GROUPS = ['day', 'model', 'contact', 'purpose'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** Totals for the calls of one day, model, contact or purpose. */
export interface UsageTotals {
  readonly key: string;
  readonly turns: number;
  readonly calls: number;
  readonly failedCalls: number;
  /**
   * Calls whose tokens were estimated because the vendor reported none or their process died. Only the input
   * of a call whose process died is known.
   */
  readonly estimatedCalls: number;
  /** Calls that used tokens of a model without a known price; `costMicros` leaves them out. */
  readonly unpricedCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
  readonly costMicros: number;
}

/** Spending limits for models, in micro-units; an absent limit means unlimited. */
export interface Budget {
  readonly dayMicros?: number;
  readonly monthMicros?: number;
  /** Per contact. */
  readonly contactDayMicros?: number;
}

export interface BudgetState {
  readonly budget: Budget;
  /** Today and this month, in the business's time zone. */
  readonly spent: { readonly dayMicros: number; readonly monthMicros: number };
}

/** Percentages of a limit at which staff are warned; at 100 no paid model is called. */
export const BUDGET_LEVELS = [50, 80, 100] as const;
export type BudgetLevel = (typeof BUDGET_LEVELS)[number];

/** A level reached for the first time in its day or month. */
export interface BudgetWarning {
  readonly limit: 'day' | 'month';
  readonly level: BudgetLevel;
  readonly spentMicros: number;
  readonly limitMicros: number;
}

/** Records every model call and decides which may be made. */
export interface UsageService {
  /** Pays for the calls of one turn or one piece of work. */
  account(
    scope: TenantScope,
    payer: { readonly contactId?: string; readonly purpose: ModelPurpose },
  ): ModelAccount;
  /** Largest first, or days in order. `from` and `to` are inclusive days. */
  report(
    scope: TenantScope,
    question: { readonly from: string; readonly to: string; readonly groupBy: UsageGroup },
  ): Promise<readonly UsageTotals[]>;
  budget(scope: TenantScope): Promise<BudgetState>;
  /** Replaces all limits. */
  setBudget(scope: TenantScope, budget: Budget): Promise<void>;
  /** Resolves once every call that has begun or ended so far is stored. */
  flush(): Promise<void>;
}
