import type { Clock } from '../../contracts/runtime.js';
import { BUDGET_LEVELS, type Budget, type BudgetLevel, type BudgetWarning } from '../../contracts/usage.js';
import { firstOfMonth } from '../../lib/time/calendar.js';
import type { Ledger } from './ledger.js';
import type { Hold, UsageStore } from './usage-store.js';

/**
 * How long a call waits for money reserved by others that they may not need, and how often it checks, in ms.
 */
const WAIT_MS = 5_000;
const LOOK_MS = 100;

/** One limit that a call counts against. */
export interface Limit {
  readonly counter: string;
  readonly micros: number;
  /** Which limit staff are told about; absent for a contact's limit, which does not concern them. */
  readonly warnsAs?: BudgetWarning['limit'];
  /** What was spent before counting began. */
  before(): Promise<number>;
}

/** The limits a call counts against. */
export function limitsOf(
  { dayMicros, monthMicros, contactDayMicros }: Budget,
  { contactId }: { readonly contactId?: string },
  day: string,
  { store, ledger }: { readonly store: UsageStore; readonly ledger: Ledger },
): readonly Limit[] {
  const cost = async (from: string, contact?: string): Promise<number> => {
    await Promise.all([ledger.flush(), store.countAbandoned(from, day)]);
    return store.cost(from, day, contact);
  };
  const limits: Limit[] = [];
  if (dayMicros !== undefined)
    limits.push({ counter: `day:${day}`, micros: dayMicros, warnsAs: 'day', before: () => cost(day) });
  if (monthMicros !== undefined) {
    const month = firstOfMonth(day);
    limits.push({
      counter: `month:${month}`,
      micros: monthMicros,
      warnsAs: 'month',
      before: () => cost(month),
    });
  }
  if (contactDayMicros !== undefined && contactId !== undefined) {
    const counter = `contact:${day}:${contactId}`;
    limits.push({ counter, micros: contactDayMicros, before: () => cost(day, contactId) });
  }
  return limits;
}

/** The highest level that this spending reaches. */
export function levelOf({ micros }: Limit, spent: number): BudgetLevel | undefined {
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
export async function reserveInTime(
  store: UsageStore,
  limits: readonly Limit[],
  hold: Hold,
  clock: Clock,
): Promise<Refusal | undefined> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    const refused = await reserve(store, limits, hold);
    if (refused?.isWaiting !== true || waitedMs >= WAIT_MS) return refused;
    await clock.sleep(LOOK_MS);
  }
}

/** Reserves the money in all limits or in none; returns the limit that does not suffice. */
async function reserve(
  store: UsageStore,
  limits: readonly Limit[],
  hold: Hold,
): Promise<Refusal | undefined> {
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
