import { defineRoomStore, defineRoomTable, type RoomData } from '../../contracts/stores.js';
import type { Budget, UsageGroup, UsageTotals } from '../../contracts/usage.js';
import { GatheredWrites } from '../../lib/work/gathered-writes.js';
import { QUICK } from '../../lib/work/quick-write.js';

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

/** A call that has begun. */
export interface OpenCall {
  readonly id: string;
  /** After this its process is presumed dead, and the call is counted with `estimate`. */
  readonly until: Date;
  readonly estimate: Counts;
}

interface BegunCall {
  readonly key: LedgerKey;
  readonly call: OpenCall;
}

/** Changes one row of the ledger. */
export interface LedgerEntry {
  readonly key: LedgerKey;
  readonly counts: Counts;
  /** Calls that have ended. */
  readonly closes: readonly string[];
}

interface LedgerRow extends LedgerKey, Counts {
  readonly _id: string;
  readonly open?: readonly OpenCall[];
}

/** Money reserved for a call that has not ended. */
export interface Hold {
  readonly id: string;
  readonly micros: number;
  /** What the call costs if its process dies. */
  readonly leastMicros: number;
}

interface LeasedHold extends Omit<Hold, 'leastMicros'> {
  /** Absent in holds stored by earlier versions. */
  readonly leastMicros?: number;
  /** After this the process is presumed dead and the rest of the money is released. */
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
export interface Spending {
  readonly spentMicros: number;
}

function spentOf({ spentMicros = 0, holds = [] }: BudgetRow): number {
  return holds.reduce((spent, { micros }) => spent - micros, spentMicros);
}

/** Longer than any call takes, so that only calls of dead processes are presumed abandoned, in ms. */
export const HOLD_MS = 10 * 60 * 1000;

function rowId({ day, purpose, model, contact }: LedgerKey): string {
  return [day, purpose, model, contact].join('|');
}

/** Longer than the longest month, in ms. */
const COUNTER_LIFE_MS = 40 * 24 * 60 * 60 * 1000;
const LIMITS = 'limits';

/** The ledger and the budgets of one business. */
export class UsageStore {
  /**
   * Every call is recorded as it begins, so calls that begin at the same time share a command. `QUICK`, because
   * the record only matters if the call's process dies before the call ends.
   */
  private readonly opened = new GatheredWrites<BegunCall, void>(async (calls) => {
    const operations = calls.map(({ key, call }) => ({
      updateOne: {
        filter: { _id: rowId(key) },
        update: { $setOnInsert: { ...key, ...NO_COUNTS }, $push: { open: call } },
        upsert: true,
      },
    }));
    await this.data.rows(ledgerTable).bulkWrite(operations, { ...QUICK, ordered: false });
    return calls.map(() => () => undefined);
  });

  constructor(private readonly data: RoomData) {}

  /** Records that a call has begun. */
  open(key: LedgerKey, call: OpenCall): Promise<void> {
    return this.opened.add({ key, call });
  }

  /** Takes a call off the record; `false`: it was already counted as abandoned. */
  async close(key: LedgerKey, id: string): Promise<boolean> {
    return this.takeOff(rowId(key), id);
  }

  /** Changes rows of the ledger, all in one write. A call ends in the same step in which it is counted. */
  async add(entries: readonly LedgerEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const operations = entries.map(({ key, counts, closes }) => ({
      updateOne: {
        filter: { _id: rowId(key) },
        update: {
          $set: { ...key },
          $inc: { ...counts },
          ...(closes.length === 0 ? {} : { $pull: { open: { id: { $in: [...closes] } } } }),
        },
        upsert: true,
      },
    }));
    await this.data.rows(ledgerTable).bulkWrite(operations, { ordered: false });
  }

  /** Counts the calls of dead processes in a range of days. */
  async countAbandoned(from: string, to: string): Promise<void> {
    const now = this.data.clock.now();
    const rows = await this.data
      .rows(ledgerTable)
      .find({ day: { $gte: String(from), $lte: String(to) }, 'open.until': { $lt: now } })
      .toArray();
    for (const { _id, open = [] } of rows) {
      const abandoned = open.filter(({ until }) => until < now);
      await Promise.all(abandoned.map(({ id, estimate }) => this.takeOff(_id, id, estimate)));
    }
  }

  private async takeOff(_id: string, id: string, counts = NO_COUNTS): Promise<boolean> {
    const { modifiedCount } = await this.data
      .rows(ledgerTable)
      .updateOne(
        { _id, 'open.id': String(id) },
        { $inc: { ...counts }, $pull: { open: { id: String(id) } } },
      );
    return modifiedCount === 1;
  }

  async totals(from: string, to: string, groupBy: UsageGroup): Promise<readonly UsageTotals[]> {
    const sums = Object.fromEntries(COUNTED.map((name) => [name, { $sum: `$${name}` }]));
    const rows = await this.data
      .rows(ledgerTable)
      .aggregate<Counts & { _id: string }>([
        // Rows whose calls have only begun have no counts yet.
        { $match: { day: { $gte: String(from), $lte: String(to) }, calls: { $gt: 0 } } },
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
  async putAside(counter: string, hold: Hold, limit: number): Promise<'done' | Spending | undefined> {
    const rows = this.data.rows(budgetTable);
    const _id = String(counter);
    const until = new Date(this.data.clock.now().getTime() + HOLD_MS);
    const within = { _id, spentMicros: { $lte: limit - hold.micros } };
    const more = { $inc: { spentMicros: hold.micros }, $push: { holds: { ...hold, until } } };
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

  /** Replaces a hold by the least its call has cost; `false`: it was already removed. */
  private async release(_id: string, { id, micros, leastMicros = 0 }: LeasedHold): Promise<boolean> {
    const { modifiedCount } = await this.data
      .rows(budgetTable)
      .updateOne(
        { _id, 'holds.id': id },
        { $inc: { spentMicros: leastMicros - micros }, $pull: { holds: { id } } },
      );
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
      (await rows.findOneAndUpdate(
        { _id },
        { $inc: { spentMicros: micros - hold.leastMicros } },
        { returnDocument: 'after' },
      ));
    return row === null ? 0 : spentOf(row);
  }

  /** Records that staff are told about a level; `false`: they were told already. */
  async markWarned(counter: string, level: number): Promise<boolean> {
    const untold = { _id: String(counter), $or: [{ told: { $lt: level } }, { told: { $exists: false } }] };
    const { modifiedCount } = await this.data.rows(budgetTable).updateOne(untold, { $set: { told: level } });
    return modifiedCount === 1;
  }
}

export const usageStore = defineRoomStore<UsageStore>({
  tables: [ledgerTable, budgetTable],
  open: (data) => new UsageStore(data),
});
