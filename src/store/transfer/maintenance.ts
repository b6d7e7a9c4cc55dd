import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { StoreError } from '../../contracts/stores.js';
import type { Database } from '../database.js';
import { metaTable } from '../models/small-tables.js';
import type { OpenTenants } from '../service/open-tenants.js';
import type { TenantStore } from '../service/tenant-store.js';
import { KnowledgeRevision } from '../stores/knowledge-revision.js';
import { preparedMark, prepareTenant, type ScopeDependencies } from '../tenant-scope.js';
import { isTenantId } from '../tenant-id.js';
import type { ArchiveHeader, TenantArchiveHeader } from './archive-format.js';
import { copyIn, documentsOf } from './copy-documents.js';
import { verifyArchive } from './read-archive.js';
import { restoreServiceRecords, SERVICE_RECORDS, type RestoredRecords } from './service-records.js';
import type { UnusedDatabases } from './unused-databases.js';
import { writeArchive } from './write-archive.js';

/** Never part of an archive: tokens belong to one installation, and keys are issued again. */
const LEFT_OUT = ['channel accounts', 'api keys'];
/** Knowledge that changes during the export would be inconsistent, so the export is repeated. */
const EXPORT_TRIES = 3;

export interface RestoreOptions {
  /** The new id, if it is to differ from the original. */
  readonly id?: string;
  /** Replaces an existing tenant, which keeps its API keys and channel accounts. */
  readonly replace: boolean;
}

export interface MaintenanceDependencies extends ScopeDependencies {
  /** The service's own database. */
  readonly database: Database;
  readonly databasePrefix: string;
  readonly tenants: TenantStore;
  readonly open: OpenTenants;
  readonly unused: UnusedDatabases;
  readonly markLane: (tenantId: string, conversationId: string, dueAt: Date) => Promise<void>;
}

/** Operations on whole databases, for the command line. Throws `StoreError`. */
export class Maintenance {
  constructor(private readonly deps: MaintenanceDependencies) {}

  /** Writes all data of one tenant to a file. `undefined`: the tenant does not exist. */
  async exportTenant(id: string, file: string): Promise<ArchiveHeader | undefined> {
    const row = await this.deps.tenants.row(id);
    if (row === undefined) return undefined;
    const database = this.deps.open.databaseOf(row);
    const knowledge = new KnowledgeRevision(database);
    const subject = {
      sapa: 'tenant' as const,
      exported_at: this.deps.clock.now().toISOString(),
      tenant_id: id,
      settings: row.settings,
      created_at: row.createdAt.toISOString(),
      left_out: LEFT_OUT,
    };
    for (let tries = 1; ; tries += 1) {
      const revision = await knowledge.current();
      const header = await writeArchive(file, subject, documentsOf(database));
      if ((await knowledge.current()) === revision) return header;
      if (tries === EXPORT_TRIES) {
        throw new StoreError('conflict', 'documents keep changing while they are exported; try again later');
      }
    }
  }

  /**
   * Restores a tenant, all or nothing: verifies the file, writes its documents to a new database and makes
   * that the tenant's with a single write. Unfinished conversations resume.
   */
  async restoreTenant(file: string, options: RestoreOptions): Promise<TenantArchiveHeader> {
    const header = await verifyArchive(file);
    if (header.sapa !== 'tenant') throw new StoreError('corrupt', `${file} is not the export of a tenant`);
    const id = options.id ?? header.tenant_id;
    if (!isTenantId(id)) throw new RangeError('a tenant id has 1 to 48 of a-z, 0-9, _ and -');
    const existing = await this.deps.tenants.row(id);
    if (existing !== undefined && !options.replace) {
      throw new StoreError('conflict', `the tenant ${id} exists already`);
    }
    await this.deps.unused.sweep();
    // No tenant's id begins with an underscore.
    const name = `${this.deps.databasePrefix}_${randomBytes(6).toString('hex')}`;
    const database = this.deps.open.databaseOf({ _id: id, database: name });
    await this.deps.unused.note(name);
    try {
      await copyIn(database, file);
      await prepareTenant(database, this.deps);
      await this.outdateIndexes(database);
      await this.putInPlace(id, name, header, options.replace);
    } catch (error) {
      await this.deps.unused.remove(name).catch(() => undefined);
      throw error;
    }
    await this.deps.unused.forget(name);
    await this.wakeConversations(id, database);
    return header;
  }

  /** Writes the service's own records to a file in the folder and returns its path. */
  async backupService(folder: string): Promise<string> {
    const file = join(folder, 'service.sapa.gz');
    const subject = { sapa: 'service', exported_at: this.deps.clock.now().toISOString() } as const;
    await writeArchive(file, subject, documentsOf(this.deps.database, SERVICE_RECORDS));
    return file;
  }

  /** Restores the API keys and channel accounts of this tenant that are in the backup but no longer exist. */
  restoreServiceRecords(file: string, tenantId: string): Promise<RestoredRecords> {
    return restoreServiceRecords(file, tenantId, this.deps);
  }

  /** Creates missing indexes and finishes work interrupted by crashes, in every tenant. Can be repeated. */
  async migrate(): Promise<{ readonly tenants: number; readonly removedDatabases: number }> {
    const ids = await this.deps.tenants.ids();
    for (const id of ids) {
      const row = await this.deps.tenants.row(id);
      if (row === undefined) continue;
      const database = this.deps.open.databaseOf(row);
      await prepareTenant(database, this.deps);
      await this.deps.tenants.notePrepared(row, preparedMark(database, this.deps));
    }
    return { tenants: ids.length, removedDatabases: await this.deps.unused.sweep() };
  }

  /** Writes a record, reads it back and removes it. Rejects if any of that fails. */
  async probe(): Promise<void> {
    const rows = this.deps.database.rows(metaTable);
    const _id = `probe:${randomBytes(6).toString('hex')}`;
    await rows.insertOne({ _id, kind: 'counter', value: 1 });
    const stored = await rows.findOne({ _id });
    await rows.deleteOne({ _id });
    if (stored?.value !== 1) throw new StoreError('corrupt', 'what was written could not be read back');
  }

  /**
   * Processes that knew the previous tenant must not mistake the new knowledge for what they have indexed.
   */
  private async outdateIndexes(database: Database): Promise<void> {
    const value = this.deps.clock.now().getTime();
    await new KnowledgeRevision(database).bump();
    await database.model(metaTable).updateOne({ _id: 'knowledge-revision' }, { $max: { value } }).exec();
  }

  private async putInPlace(
    id: string,
    name: string,
    header: TenantArchiveHeader,
    mayExist: boolean,
  ): Promise<void> {
    const { tenants, open, unused } = this.deps;
    const row = await tenants.row(id);
    const old = row === undefined ? undefined : open.databaseOf(row).name;
    if (old !== undefined) await unused.note(old);
    // A host belongs to one tenant: a copy under another id leaves the hosts to the original.
    const hosts = id === header.tenant_id ? header.settings.hosts : [];
    const settings = { ...header.settings, hosts };
    await tenants.adopt(id, name, { settings, createdAt: new Date(header.created_at), mayExist });
    open.end(id);
    if (old !== undefined) await unused.remove(old);
  }

  /** Messages that were accepted but not answered before the export are answered now. */
  private async wakeConversations(tenantId: string, database: Database): Promise<void> {
    const { native } = database;
    const waiting = new Set<unknown>([
      ...((await native.collection('inbox').distinct('conversationId', { status: 'pending' })) as unknown[]),
      ...((await native
        .collection('turns')
        .distinct('conversationId', { openBubbles: { $gt: 0 } })) as unknown[]),
    ]);
    for (const id of waiting) {
      if (typeof id === 'string') await this.deps.markLane(tenantId, id, this.deps.clock.now());
    }
  }
}
