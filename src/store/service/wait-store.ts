import type { Clock } from '../../contracts/runtime.js';
import type { WaitStore } from '../../contracts/stores.js';
import { checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { waitTable } from '../models/waits.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';

export class MongoWaitStore implements WaitStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async put(name: string, ms: number): Promise<void> {
    const until = new Date(this.clock.now().getTime() + ms);
    await retryOnDuplicate(() =>
      this.rows.updateOne({ _id: checkedText(name) }, { $max: { until } }, { upsert: true }),
    );
  }

  async current(): ReturnType<WaitStore['current']> {
    const now = this.clock.now();
    const rows = await this.rows.find({ until: { $gt: now } }).toArray();
    return rows.map(({ _id: name, until }) => ({ name, leftMs: until.getTime() - now.getTime() }));
  }

  private get rows() {
    return this.database.rows(waitTable);
  }
}
