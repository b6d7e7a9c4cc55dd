import type { ModelAccount } from './model.js';
import type { TenantScope } from './stores.js';

/** What prices and costs are in. */
export const CURRENCY = 'USD';

/** What calls of models were made for. */
export type ModelPurpose =
  'answer' | 'rewrite' | 'rerank' | 'summary' | 'transcription' | 'draft' | 'evaluation';

/** `day` is the calendar day where the business is. */
export const USAGE_GROUPS = ['day', 'model', 'contact', 'purpose'] as const;
export type UsageGroup = (typeof USAGE_GROUPS)[number];

/** What the calls of one day, model, contact or purpose came to. */
export interface UsageTotals {
  readonly key: string;
  readonly turns: number;
  readonly calls: number;
  readonly failedCalls: number;
  /** Calls whose vendor told no count, so that it was made here. */
  readonly estimatedCalls: number;
  /** Calls that used something up and whose model has no known price: `costMicros` lacks them. */
  readonly unpricedCalls: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly reasoningTokens: number;
  readonly costMicros: number;
}

/** Most that models may cost, in micro-units; what is absent is not limited. */
export interface Budget {
  readonly dayMicros?: number;
  readonly monthMicros?: number;
  /** Of each contact. */
  readonly contactDayMicros?: number;
}

export interface BudgetState {
  readonly budget: Budget;
  /** Today and this month, where the business is. */
  readonly spent: { readonly dayMicros: number; readonly monthMicros: number };
}

/** Share of a limit at which staff are told, percent; at 100 no model that costs is called. */
export const BUDGET_LEVELS = [50, 80, 100] as const;
export type BudgetLevel = (typeof BUDGET_LEVELS)[number];

/** A level that was reached for the first time in its day or month. */
export interface BudgetWarning {
  readonly limit: 'day' | 'month';
  readonly level: BudgetLevel;
  readonly spentMicros: number;
  readonly limitMicros: number;
}

/** Every call of a model, and who may make one. */
export interface UsageService {
  /** Pays for the calls of one turn or one piece of work. */
  account(
    scope: TenantScope,
    payer: { readonly contactId?: string; readonly purpose: ModelPurpose },
  ): ModelAccount;
  /** Largest first, days in order. `from` and `to` are days, both included. */
  report(
    scope: TenantScope,
    question: { readonly from: string; readonly to: string; readonly groupBy: UsageGroup },
  ): Promise<readonly UsageTotals[]>;
  budget(scope: TenantScope): Promise<BudgetState>;
  /** Replaces all limits. */
  setBudget(scope: TenantScope, budget: Budget): Promise<void>;
  /** Resolves when everything that was settled is stored. */
  flush(): Promise<void>;
}
