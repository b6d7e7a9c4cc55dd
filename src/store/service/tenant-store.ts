import mongoose from 'mongoose';
import type { Clock } from '../../contracts/runtime.js';
import type { TenantSettings } from '../../contracts/settings.js';
import { StoreError, type Page, type PageRequest, type Tenant } from '../../contracts/stores.js';
import { checkedText } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import type { Database } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import { metaTable } from '../models/small-tables.js';
import { normalizedHost, tenantOf, tenantTable, type TenantRow } from '../models/tenants.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';
import { isTenantId } from '../tenant-id.js';

const LIST = 'tenants';
const CHANGES = { _id: 'tenant-changes', kind: 'counter' } as const;
const PRESENT = { erasing: mongoose.trusted({ $exists: false }) };

/** The rows of the tenants, without their data. */
export class TenantStore {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  async row(id: string): Promise<TenantRow | undefined> {
    if (!isTenantId(id)) return undefined;
    const row = await this.database.rows(tenantTable).findOne({ _id: id });
    return row === null || row.erasing === true ? undefined : row;
  }

  async list(page: PageRequest): Promise<Page<Tenant>> {
    const limit = limitOf(page);
    const rows = await this.database
      .model(tenantTable)
      .find({ ...olderThan('createdAt', positionOf(LIST, page)), ...PRESENT })
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit + 1)
      .lean<TenantRow[]>()
      .exec();
    return pageOf(LIST, rows, limit, tenantOf, (row) => ({ time: row.createdAt.getTime(), id: row._id }));
  }

  async byHost(host: string): Promise<Tenant | undefined> {
    const row = await this.database.rows(tenantTable).findOne({ hosts: normalizedHost(checkedText(host)) });
    return row === null || row.erasing === true ? undefined : tenantOf(row);
  }

  /** A `conflict` when another tenant has one of the hosts, or this one is being removed. */
  async put(id: string, settings: TenantSettings): Promise<TenantRow> {
    const now = this.clock.now();
    const hosts = [...new Set(settings.hosts.map(normalizedHost))];
    const change = {
      $set: { settings, updatedAt: now, ...(hosts.length > 0 ? { hosts } : {}) },
      ...(hosts.length > 0 ? {} : { $unset: { hosts: 1 } }),
      $inc: { version: 1 },
      $setOnInsert: { createdAt: now },
    };
    const row = await this.upsert({ _id: checkedText(id), ...PRESENT }, change);
    await this.announce();
    return row;
  }

  /** Hides the tenant; `false` when there is none. */
  async beginErasing(id: string): Promise<boolean> {
    const { matchedCount } = await this.database
      .model(tenantTable)
      .updateOne({ _id: id }, { $set: { erasing: true }, $unset: { hosts: 1 }, $inc: { version: 1 } })
      .exec();
    if (matchedCount === 1) await this.announce();
    return matchedCount === 1;
  }

  async endErasing(id: string): Promise<void> {
    await this.database.model(tenantTable).deleteOne({ _id: id, erasing: true }).exec();
  }

  /** Tenants whose removal was interrupted. */
  async erasing(): Promise<readonly string[]> {
    const rows = await this.database
      .model(tenantTable)
      .find({ erasing: true }, { _id: 1 })
      .lean<TenantRow[]>()
      .exec();
    return rows.map((row) => row._id);
  }

  /** Which of these tenants still exist, with the version of their settings. */
  async versions(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database
      .model(tenantTable)
      .find({ _id: mongoose.trusted({ $in: [...ids] }), ...PRESENT }, { version: 1 })
      .lean<TenantRow[]>()
      .exec();
    return new Map(rows.map((row) => [row._id, row.version]));
  }

  /** Grows after each change of any tenant. */
  async changes(): Promise<number> {
    const row = await this.database.rows(metaTable).findOne({ _id: CHANGES._id });
    return row?.value ?? 0;
  }

  private async upsert(filter: Record<string, unknown>, change: object): Promise<TenantRow> {
    try {
      const row = await retryOnDuplicate(() =>
        this.database
          .model(tenantTable)
          .findOneAndUpdate(filter, change, { upsert: true, returnDocument: 'after' })
          .lean<TenantRow>()
          .exec(),
      );
      if (row !== null) return row;
    } catch (cause) {
      if (!isDuplicateKey(cause)) throw cause;
      const reason = 'another tenant has one of these hosts, or this one is being removed';
      throw new StoreError('conflict', reason, { cause });
    }
    throw new StoreError('conflict', 'the tenant was removed while it was written');
  }

  private async announce(): Promise<void> {
    await retryOnDuplicate(() =>
      this.database
        .model(metaTable)
        .updateOne(CHANGES, { $inc: { value: 1 } }, { upsert: true })
        .exec(),
    );
  }
}
