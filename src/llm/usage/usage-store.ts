import { defineRoomStore, defineRoomTable, type RoomData } from '../../contracts/stores.js';
import type { Budget, UsageGroup, UsageTotals } from '../../contracts/usage.js';

/** The counts kept per ledger row, under their stored names. */
export type Counts = Omit<UsageTotals, 'key'>;
export const NO_COUNTS: Counts = {
  turns: 0,
  calls: 0,
  failedCalls: 0,
  estimatedCalls: 0,
  unpricedCalls: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  reasoningTokens: 0,
  costMicros: 0,
};
const COUNTED = Object.keys(NO_COUNTS) as readonly (keyof Counts)[];

/** Identifies one row of the ledger. */
export interface LedgerKey {
  /** `2026-11-28`, in the time zone of the business. */
  readonly day: string;
  /** `provider:model` */
  readonly model: string;
  /** Empty for work that belongs to no contact. */
  readonly contact: string;
  readonly purpose: string;
}

interface LedgerRow extends LedgerKey, Counts {
  readonly _id: string;
}

/** Money reserved for a call that has not ended. */
export interface Hold {
  readonly id: string;
  readonly micros: number;
}

interface LeasedHold extends Hold {
  /** After this the process is presumed dead and the money is released. */
  readonly until: Date;
}

/** The limits of the business, or how much of one of them is used up. */
interface BudgetRow extends Budget {
  readonly _id: string;
  /** Includes what is reserved for calls that have not ended. */
  readonly spentMicros?: number;
  readonly holds?: readonly LeasedHold[];
  /** Highest level staff were told about, in percent. */
  readonly told?: number;
  /** When the counter of a past day or month is deleted. */
  readonly expiresAt?: Date;
}

const ledgerTable = defineRoomTable<LedgerRow>('model_usage', [{ keys: { day: 1 } }]);
const budgetTable = defineRoomTable<BudgetRow>('model_budgets', [
  { keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
]);
/** What calls have cost, without reservations for others. */
export interface Spent {
  readonly spentMicros: number;
}

function spentOf({ spentMicros = 0, holds = [] }: BudgetRow): number {
  return holds.reduce((spent, { micros }) => spent - micros, spentMicros);
}

/** Longer than any call takes, so that only reservations of dead processes are released, in ms. */
export const HOLD_MS = 10 * 60 * 1000;

/** Longer than the longest month, in ms. */
const COUNTER_LIFE_MS = 40 * 24 * 60 * 60 * 1000;
const LIMITS = 'limits';

/** The ledger and the budgets of one business. */
export class UsageStore {
  constructor(private readonly data: RoomData) {}

  /** Adds to rows of the ledger, all in one write. */
  async add(entries: readonly { readonly key: LedgerKey; readonly counts: Counts }[]): Promise<void> {
    if (entries.length === 0) return;
    const operations = entries.map(({ key, counts }) => ({
      updateOne: {
        filter: { _id: [key.day, key.purpose, key.model, key.contact].join('|') },
        update: { $set: { ...key }, $inc: { ...counts } },
        upsert: true,
      },
    }));
    await this.data.rows(ledgerTable).bulkWrite(operations, { ordered: false });
  }

  async totals(from: string, to: string, groupBy: UsageGroup): Promise<readonly UsageTotals[]> {
    const sums = Object.fromEntries(COUNTED.map((name) => [name, { $sum: `$${name}` }]));
    const rows = await this.data
      .rows(ledgerTable)
      .aggregate<Counts & { _id: string }>([
        { $match: { day: { $gte: String(from), $lte: String(to) } } },
        { $group: { _id: `$${groupBy}`, ...sums } },
      ])
      .toArray();
    return rows.map(({ _id: key, ...counts }) => ({ key, ...counts }));
  }

  /** The cost of a range of days in micro-units, for one contact or for all. */
  async cost(from: string, to: string, contact?: string): Promise<number> {
    const days = { day: { $gte: String(from), $lte: String(to) } };
    const [sum] = await this.data
      .rows(ledgerTable)
      .aggregate<{ micros: number }>([
        { $match: contact === undefined ? days : { ...days, contact: String(contact) } },
        { $group: { _id: 'all', micros: { $sum: '$costMicros' } } },
      ])
      .toArray();
    return sum?.micros ?? 0;
  }

  async budget(): Promise<Budget> {
    const row = await this.data.rows(budgetTable).findOne({ _id: LIMITS });
    const { dayMicros, monthMicros, contactDayMicros } = row ?? {};
    return {
      ...(dayMicros === undefined ? {} : { dayMicros }),
      ...(monthMicros === undefined ? {} : { monthMicros }),
      ...(contactDayMicros === undefined ? {} : { contactDayMicros }),
    };
  }

  async setBudget(budget: Budget): Promise<void> {
    await this.data.rows(budgetTable).replaceOne({ _id: LIMITS }, { ...budget }, { upsert: true });
    // Counters restart from the ledger, because nothing was counted without a limit. Staff can be told again.
    await this.data.rows(budgetTable).deleteMany({ _id: { $ne: LIMITS } });
  }

  /**
   * Reserves money up to a limit in one atomic step; otherwise returns what is spent. `undefined`: not
   * counting yet.
   */
  async putAside(counter: string, { id, micros }: Hold, limit: number): Promise<'done' | Spent | undefined> {
    const rows = this.data.rows(budgetTable);
    const _id = String(counter);
    const until = new Date(this.data.clock.now().getTime() + HOLD_MS);
    const within = { _id, spentMicros: { $lte: limit - micros } };
    const more = { $inc: { spentMicros: micros }, $push: { holds: { id, micros, until } } };
    for (;;) {
      const { matchedCount } = await rows.updateOne(within, more);
      if (matchedCount === 1) return 'done';
      const row = await rows.findOne({ _id });
      if (row === null) return undefined;
      if (!(await this.releaseAbandoned(row))) return { spentMicros: spentOf(row) };
    }
  }

  /** Releases money of abandoned calls; returns whether any was released. */
  private async releaseAbandoned({ _id, holds = [] }: BudgetRow): Promise<boolean> {
    const now = this.data.clock.now();
    const abandoned = holds.filter(({ until }) => until < now);
    const released = await Promise.all(abandoned.map((hold) => this.release(_id, hold)));
    return released.some((isReleased) => isReleased);
  }

  /** Takes a hold off a counter; `false`: it was already removed. */
  private async release(_id: string, { id, micros }: Hold): Promise<boolean> {
    const { modifiedCount } = await this.data
      .rows(budgetTable)
      .updateOne({ _id, 'holds.id': id }, { $inc: { spentMicros: -micros }, $pull: { holds: { id } } });
    return modifiedCount === 1;
  }

  /** Begins to count; if several begin at once, only one takes effect. */
  async begin(counter: string, spentMicros: number): Promise<void> {
    const _id = String(counter);
    const expiresAt = new Date(this.data.clock.now().getTime() + COUNTER_LIFE_MS);
    await this.data
      .rows(budgetTable)
      .updateOne({ _id }, { $setOnInsert: { spentMicros, expiresAt } }, { upsert: true });
  }

  /**
   * Replaces a reservation with the actual cost and returns what is spent then. A call that outlived its hold
   * counts, too.
   */
  async settle(counter: string, hold: Hold, micros: number): Promise<number> {
    const rows = this.data.rows(budgetTable);
    const _id = String(counter);
    const { id } = hold;
    const row =
      (await rows.findOneAndUpdate(
        { _id, 'holds.id': id },
        { $inc: { spentMicros: micros - hold.micros }, $pull: { holds: { id } } },
        { returnDocument: 'after' },
      )) ??
      (await rows.findOneAndUpdate({ _id }, { $inc: { spentMicros: micros } }, { returnDocument: 'after' }));
    return row === null ? 0 : spentOf(row);
  }

  /** Records that staff are told about a level; `false`: they were told already. */
  async tell(counter: string, level: number): Promise<boolean> {
    const untold = { _id: String(counter), $or: [{ told: { $lt: level } }, { told: { $exists: false } }] };
    const { modifiedCount } = await this.data.rows(budgetTable).updateOne(untold, { $set: { told: level } });
    return modifiedCount === 1;
  }
}

export const usageStore = defineRoomStore<UsageStore>({
  tables: [ledgerTable, budgetTable],
  open: (data) => new UsageStore(data),
});
