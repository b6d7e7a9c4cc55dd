import mongoose from 'mongoose';
import type { Clock } from '../../contracts/runtime.js';
import type { Database } from '../database.js';
import { metaTable } from '../models/small-tables.js';
import { tenantTable } from '../models/tenants.js';
import type { OpenTenants } from '../service/open-tenants.js';

/** A restore running longer than this has been interrupted, in ms. */
const ABANDONED_MS = 3_600_000;
const KIND = 'removal';

/**
 * Notes of databases that belong to nobody or soon will not. Written before a restore begins, so that what a
 * crash leaves behind is found and removed.
 */
export class UnusedDatabases {
  constructor(
    private readonly deps: {
      /** The service's own database. */
      readonly database: Database;
      readonly open: OpenTenants;
      readonly clock: Clock;
    },
  ) {}

  async note(name: string): Promise<void> {
    const row = {
      _id: idOf(name),
      kind: KIND,
      subject: name,
      value: this.deps.clock.now().getTime(),
    } as const;
    await this.deps.database.model(metaTable).replaceOne({ _id: row._id }, row, { upsert: true }).exec();
  }

  async forget(name: string): Promise<void> {
    await this.deps.database
      .model(metaTable)
      .deleteOne({ _id: idOf(name) })
      .exec();
  }

  async remove(name: string): Promise<void> {
    const database = this.deps.open.databaseOf({ _id: name, database: name });
    await database.native.dropDatabase();
    database.letGo();
    await this.forget(name);
  }

  /** Removes what interrupted restores left behind. Returns the number of removed databases. */
  async sweep(): Promise<number> {
    const before = this.deps.clock.now().getTime() - ABANDONED_MS;
    const notes = await this.deps.database
      .model(metaTable)
      .find({ kind: KIND, value: mongoose.trusted({ $lt: before }) })
      .lean()
      .exec();
    const inUse = notes.length === 0 ? new Set<string>() : await this.inUse();
    let removed = 0;
    for (const { subject } of notes) {
      if (subject === undefined) continue;
      if (inUse.has(subject)) await this.forget(subject);
      else {
        await this.remove(subject);
        removed += 1;
      }
    }
    return removed;
  }

  private async inUse(): Promise<ReadonlySet<string>> {
    const rows = await this.deps.database.model(tenantTable).find({}, { database: 1 }).lean().exec();
    return new Set(rows.map((row) => this.deps.open.databaseOf(row).name));
  }
}

function idOf(name: string): string {
  return `unused:${name}`;
}
