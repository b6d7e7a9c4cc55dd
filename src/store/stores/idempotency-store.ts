import mongoose from 'mongoose';
import type { Clock } from '../../contracts/runtime.js';
import type { IdempotencyStore, StoredResponse } from '../../contracts/stores.js';
import { checkedId, checkedNumber, checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import { idempotencyTable } from '../models/small-tables.js';

/** Twice the promised 24 hours, in ms. */
const KEPT_MS = 48 * 3_600_000;

type Claim = Awaited<ReturnType<IdempotencyStore['begin']>>;

export class MongoIdempotencyStore implements IdempotencyStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async begin(key: string, requestHash: string, leaseMs: number): Promise<Claim> {
    const _id = checkedId(key);
    const now = this.clock.now().getTime();
    const leaseUntil = new Date(now + checkedNumber(leaseMs));
    const row = {
      _id,
      requestHash: checkedText(requestHash),
      leaseUntil,
      expiresAt: new Date(now + KEPT_MS),
    };
    try {
      await this.database.rows(idempotencyTable).insertOne(row);
      return { type: 'new' };
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return this.beginAgain(_id, requestHash, leaseUntil);
    }
  }

  async finish(key: string, response: StoredResponse, options?: { readonly keep: 'forever' }): Promise<void> {
    const unsetExpiry = options?.keep === 'forever' ? { $unset: { expiresAt: 1 } } : {};
    await this.database
      .model(idempotencyTable)
      .updateOne({ _id: checkedText(key) }, { $set: { response }, ...unsetExpiry })
      .exec();
  }

  async abandon(key: string): Promise<void> {
    await this.database
      .model(idempotencyTable)
      .deleteOne({ _id: checkedText(key), response: mongoose.trusted({ $exists: false }) })
      .exec();
  }

  private async beginAgain(_id: string, requestHash: string, leaseUntil: Date): Promise<Claim> {
    const existing = await this.database.rows(idempotencyTable).findOne({ _id });
    // The key was abandoned between the two calls; the next attempt finds it free.
    if (existing === null) return { type: 'in-progress' };
    if (existing.requestHash !== requestHash) return { type: 'conflict' };
    if (existing.response !== undefined) return { type: 'done', response: existing.response };
    if (existing.leaseUntil > this.clock.now()) return { type: 'in-progress' };
    const result = await this.database
      .model(idempotencyTable)
      .updateOne(
        { _id, leaseUntil: existing.leaseUntil, response: mongoose.trusted({ $exists: false }) },
        { $set: { leaseUntil } },
      )
      .exec();
    return { type: result.matchedCount === 1 ? 'new' : 'in-progress' };
  }
}
