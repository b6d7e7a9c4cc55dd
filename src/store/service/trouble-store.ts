import type { TroubleStore } from '../../contracts/stores.js';
import { checkedDate, checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { accountTable } from '../models/accounts.js';

/** Kept with the accounts, so that it is removed with them. */
export class MongoTroubleStore implements TroubleStore {
  constructor(private readonly database: Database) {}

  async begin(accountId: string, now: Date): Promise<Date> {
    const row = await this.rows.findOneAndUpdate(
      { _id: checkedText(accountId) },
      { $min: { troubleSince: checkedDate(now) } },
      { returnDocument: 'after' },
    );
    return row?.troubleSince ?? now;
  }

  async since(accountId: string): Promise<Date | undefined> {
    const row = await this.rows.findOne({ _id: checkedText(accountId) });
    return row?.troubleSince;
  }

  async end(accountId: string, since: Date): Promise<void> {
    const trouble = { _id: checkedText(accountId), troubleSince: checkedDate(since) };
    await this.rows.updateOne(trouble, { $unset: { troubleSince: 1 } });
  }

  private get rows() {
    return this.database.rows(accountTable);
  }
}
