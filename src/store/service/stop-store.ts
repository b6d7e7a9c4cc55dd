import type { Clock } from '../../contracts/runtime.js';
import type { AnswerKey, StopStore } from '../../contracts/stores.js';
import { checkedId, checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { stopTable } from '../models/stops.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';

/** Longer than any answer takes including its retries, in ms. */
const KEPT_MS = 10 * 60_000;

export class MongoStopStore implements StopStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async request(answer: AnswerKey): Promise<void> {
    const { tenantId, eventKey } = answer;
    const expiresAt = new Date(this.clock.now().getTime() + KEPT_MS);
    const fields = { tenantId: checkedId(tenantId), eventKey: checkedText(eventKey), expiresAt };
    await retryOnDuplicate(() =>
      this.rows.updateOne({ _id: idOf(answer) }, { $set: fields }, { upsert: true }),
    );
  }

  async requested(answers: readonly AnswerKey[]): Promise<readonly AnswerKey[]> {
    const rows = await this.rows.find({ _id: { $in: answers.map(idOf) } }).toArray();
    return rows.map(({ tenantId, eventKey }) => ({ tenantId, eventKey }));
  }

  async removeTenant(tenantId: string): Promise<void> {
    await this.rows.deleteMany({ tenantId: checkedText(tenantId) });
  }

  private get rows() {
    return this.database.rows(stopTable);
  }
}

/** Unambiguous, because a tenant's id contains no slash. */
function idOf({ tenantId, eventKey }: AnswerKey): string {
  return `${checkedId(tenantId)}/${checkedText(eventKey)}`;
}
