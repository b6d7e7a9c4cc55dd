import type { Clock } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { Budget } from '../../contracts/usage.js';
import { usageStore } from './usage-store.js';

/**
 * How long a budget is cached, in ms, so other processes may miss a change for that long, and for how many
 * businesses.
 */
const BUDGET_KNOWN_MS = 2_000;
const MOST_KNOWN = 5_000;

/** Budgets are cached briefly, so that turns do not wait for limits that hardly ever change. */
export class BudgetCache {
  private readonly budgets = new Map<string, { readonly budget: Promise<Budget>; readonly until: number }>();

  constructor(private readonly clock: Clock) {}

  get(scope: TenantScope): Promise<Budget> {
    const now = this.clock.monotonicMs();
    const cached = this.budgets.get(scope.tenantId);
    if (cached !== undefined && cached.until > now) return cached.budget;
    const budget = scope.store(usageStore).budget();
    budget.catch(() => this.budgets.delete(scope.tenantId));
    if (this.budgets.size >= MOST_KNOWN) this.budgets.clear();
    this.budgets.set(scope.tenantId, { budget, until: now + BUDGET_KNOWN_MS });
    return budget;
  }

  forget(tenantId: string): void {
    this.budgets.delete(tenantId);
  }
}
