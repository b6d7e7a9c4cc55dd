import mongoose from 'mongoose';
import type { Clock } from '../../contracts/runtime.js';
import type { TenantSettings } from '../../contracts/settings.js';
import { StoreError, type Page, type PageRequest, type Tenant } from '../../contracts/stores.js';
import { checkedText } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import type { Database } from '../database.js';
import { isDuplicateKey } from '../guard.js';
import { metaTable } from '../models/small-tables.js';
import {
  changesOf,
  normalizedHost,
  revisionOf,
  tenantOf,
  tenantTable,
  type TenantRow,
} from '../models/tenants.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';
import { isTenantId } from '../tenant-id.js';

const LIST = 'tenants';
const CHANGES = { _id: 'tenant-changes', kind: 'counter' } as const;
const PRESENT = { erasing: mongoose.trusted({ $exists: false }) };

/** The rows of the tenants, without the tenants' data. */
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

  /** Includes a tenant that is being removed. */
  async anyRow(id: string): Promise<TenantRow | undefined> {
    return (await this.database.rows(tenantTable).findOne({ _id: checkedText(id) })) ?? undefined;
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

  /** Throws a `conflict` if another tenant has one of the hosts or this tenant is being removed. */
  async put(id: string, settings: TenantSettings): Promise<TenantRow> {
    const filter = { _id: checkedText(id), ...PRESENT };
    const row = await this.write(filter, this.changeTo(settings), { upsert: true });
    if (row === null) throw new StoreError('conflict', 'the tenant was removed while it was written');
    await this.announce();
    return row;
  }

  /** Like `put`, but returns `undefined` if the tenant's version has changed in the meantime. */
  async putOver(before: TenantRow, settings: TenantSettings): Promise<TenantRow | undefined> {
    const filter = { _id: before._id, version: before.version, ...PRESENT };
    const change = this.changeTo(settings, changesOf(before, settings));
    const row = await this.write(filter, change, { upsert: false });
    if (row !== null) await this.announce();
    return row ?? undefined;
  }

  /**
   * Makes `databaseName` the tenant's database, with these settings, in a single write. Throws a `conflict`
   * if the tenant exists and `mayExist` is false. Returns the previous row.
   */
  async adopt(
    id: string,
    databaseName: string,
    wish: { readonly settings: TenantSettings; readonly createdAt: Date; readonly mayExist: boolean },
  ): Promise<TenantRow | undefined> {
    const hosts = [...new Set(wish.settings.hosts.map(normalizedHost))];
    const fields = {
      settings: wish.settings,
      database: checkedText(databaseName),
      // Higher than any earlier version of the tenant, so that every process notices.
      version: this.clock.now().getTime(),
      createdAt: wish.createdAt,
      updatedAt: this.clock.now(),
      ...(hosts.length > 0 ? { hosts } : {}),
    };
    try {
      if (!wish.mayExist) {
        await this.database.rows(tenantTable).insertOne({ _id: checkedText(id), ...fields });
        return undefined;
      }
      const before = await this.database
        .model(tenantTable)
        .findOneAndUpdate(
          { _id: checkedText(id), ...PRESENT },
          {
            $set: fields,
            $unset: { changed: 1, changedSince: 1, ...(hosts.length > 0 ? {} : { hosts: 1 }) },
          },
          { upsert: true, returnDocument: 'before' },
        )
        .lean<TenantRow>()
        .exec();
      return before ?? undefined;
    } catch (cause) {
      if (!isDuplicateKey(cause)) throw cause;
      const reason = 'the tenant exists already, or another one has one of its hosts';
      throw new StoreError('conflict', reason, { cause });
    } finally {
      await this.announce();
    }
  }

  /** Records which indexes the tenant's database has, unless the tenant has been replaced in the meantime. */
  async notePrepared({ _id, createdAt }: TenantRow, prepared: string): Promise<void> {
    const unchanged = { _id, createdAt, erasing: { $exists: false } };
    await this.database.rows(tenantTable).updateOne(unchanged, { $set: { prepared } });
  }

  /** Records that configuration of the tenant stored outside its settings has changed. */
  async reconfigured(id: string): Promise<TenantRow | undefined> {
    const row = await this.database
      .rows(tenantTable)
      .findOneAndUpdate(
        { _id: checkedText(id), erasing: { $exists: false } },
        { $inc: { configuration: 1 } },
        { returnDocument: 'after' },
      );
    await this.announce();
    return row ?? undefined;
  }

  /** Hides the tenant; `false` if it does not exist. */
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

  async ids(): Promise<readonly string[]> {
    const rows = await this.database.model(tenantTable).find(PRESENT, { _id: 1 }).lean<TenantRow[]>().exec();
    return rows.map((row) => row._id);
  }

  /** The `revisionOf` of each of these tenants that still exists. */
  async revisions(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const rows = await this.database
      .model(tenantTable)
      .find({ _id: mongoose.trusted({ $in: [...ids] }), ...PRESENT }, { version: 1, configuration: 1 })
      .lean<TenantRow[]>()
      .exec();
    return new Map(rows.map((row) => [row._id, revisionOf(row)]));
  }

  /** Grows after each change of any tenant. */
  async changes(): Promise<number> {
    const row = await this.database.rows(metaTable).findOne({ _id: CHANGES._id });
    return row?.value ?? 0;
  }

  private changeTo(settings: TenantSettings, changes?: ReturnType<typeof changesOf>): object {
    const now = this.clock.now();
    const hosts = [...new Set(settings.hosts.map(normalizedHost))];
    return {
      $set: { settings, updatedAt: now, ...(hosts.length > 0 ? { hosts } : {}), ...changes },
      $unset: {
        ...(hosts.length > 0 ? {} : { hosts: 1 }),
        ...(changes === undefined ? { changed: 1, changedSince: 1 } : {}),
      },
      $inc: { version: 1 },
      $setOnInsert: { createdAt: now },
    };
  }

  private async write(
    filter: Record<string, unknown>,
    change: object,
    options: { readonly upsert: boolean },
  ): Promise<TenantRow | null> {
    try {
      return await retryOnDuplicate(() =>
        this.database
          .model(tenantTable)
          .findOneAndUpdate(filter, change, { ...options, returnDocument: 'after' })
          .lean<TenantRow>()
          .exec(),
      );
    } catch (cause) {
      if (!isDuplicateKey(cause)) throw cause;
      const reason = 'another tenant has one of these hosts, or this one is being removed';
      throw new StoreError('conflict', reason, { cause });
    }
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
