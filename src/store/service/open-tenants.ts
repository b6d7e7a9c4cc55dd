import type { Connection } from 'mongoose';
import type { Clock, Logger } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { Poll } from '../../lib/work/poll.js';
import { Database } from '../database.js';
import { revisionOf, tenantOf, type TenantRow } from '../models/tenants.js';
import { databaseNameOf } from '../tenant-id.js';
import {
  createTenantScope,
  preparedMark,
  prepareTenant,
  withSettings,
  type OpenScopeDependencies,
} from '../tenant-scope.js';
import type { TenantStore } from './tenant-store.js';

/** Other processes see changed settings within a second. */
const LOOK_EVERY_MS = 500;
/** Compares every open tenant once a minute, in case an announcement was lost in a crash. */
const FULL_LOOK_EVERY = 120;
const MAX_OPEN = 500;
const IDLE_MS = 600_000;

interface OpenTenant {
  readonly scope: TenantScope;
  readonly database: Database;
  readonly revision: number;
  usedAtMs: number;
}

export interface OpenTenantsDependencies extends Omit<OpenScopeDependencies, 'reconfigured'> {
  readonly connection: Connection;
  readonly databasePrefix: string;
  readonly tenants: TenantStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * The scopes of the tenants in use. A scope dropped here keeps working for its current users; the next
 * request creates a new one.
 */
export class OpenTenants {
  /** Ordered from least to most recently used. */
  readonly #open = new Map<string, OpenTenant>();
  readonly #opening = new Map<string, Promise<TenantScope | undefined>>();
  /** Tenants this process has prepared, which includes finishing work that a crash interrupted. */
  readonly #prepared = new Set<string>();
  #seenChanges = -1;
  #looks = 0;

  constructor(private readonly deps: OpenTenantsDependencies) {}

  scope(id: string): Promise<TenantScope | undefined> {
    const open = this.#open.get(id);
    if (open !== undefined) {
      this.#open.delete(id);
      this.#open.set(id, open);
      open.usedAtMs = this.deps.clock.monotonicMs();
      return Promise.resolve(open.scope);
    }
    const opening = this.#opening.get(id) ?? this.open(id).finally(() => this.#opening.delete(id));
    this.#opening.set(id, opening);
    return opening;
  }

  /** Applies changed settings to an open scope. */
  refresh(row: TenantRow): void {
    const open = this.#open.get(row._id);
    if (open === undefined || open.revision >= revisionOf(row)) return;
    if (open.database.name !== this.databaseOf(row).name) {
      this.end(row._id);
      return;
    }
    const scope = withSettings(open.scope, tenantOf(row));
    this.#open.set(row._id, { ...open, scope, revision: revisionOf(row) });
  }

  /** Ends all use of the tenant's data in this process. */
  end(id: string): void {
    this.#open.get(id)?.database.close('the tenant was removed or replaced');
    this.#prepared.delete(id);
    this.drop(id);
  }

  databaseOf(row: Pick<TenantRow, '_id' | 'database'>): Database {
    const name = row.database ?? databaseNameOf(this.deps.databasePrefix, row._id);
    return new Database(this.deps.connection, name);
  }

  /** Polls for changes made by other processes until `signal` aborts. */
  watch(signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.deps;
    // During an outage the settings stay as they were.
    const failure = 'changed tenants cannot be read';
    return new Poll(() => this.look(), { everyMs: LOOK_EVERY_MS, failure, clock, logger }).keepLooking(
      signal,
    );
  }

  private async look(): Promise<void> {
    this.dropIdle();
    const changes = await this.deps.tenants.changes();
    this.#looks += 1;
    if (changes === this.#seenChanges && this.#looks % FULL_LOOK_EVERY !== 0) return;
    const ids = [...this.#open.keys()];
    const revisions = ids.length === 0 ? new Map<string, number>() : await this.deps.tenants.revisions(ids);
    for (const id of ids) await this.compare(id, revisions.get(id));
    this.#seenChanges = changes;
  }

  private async compare(id: string, revision: number | undefined): Promise<void> {
    if (revision === undefined) {
      this.end(id);
      return;
    }
    if (this.#open.get(id)?.revision === revision) return;
    const row = await this.deps.tenants.row(id);
    if (row !== undefined) this.refresh(row);
  }

  private async open(id: string): Promise<TenantScope | undefined> {
    const row = await this.deps.tenants.row(id);
    if (row === undefined) return undefined;
    const database = this.databaseOf(row);
    if (!this.#prepared.has(id)) await this.prepare(row, database);
    const scope = createTenantScope(tenantOf(row), database, {
      ...this.deps,
      reconfigured: () => this.reconfigured(id),
    });
    const usedAtMs = this.deps.clock.monotonicMs();
    this.#open.set(id, { scope, database, revision: revisionOf(row), usedAtMs });
    this.dropOldest();
    return scope;
  }

  private async reconfigured(id: string): Promise<void> {
    const row = await this.deps.tenants.reconfigured(id);
    if (row !== undefined) this.refresh(row);
  }

  /** Recorded only after everything is in place, so that the preparation is repeated after a crash. */
  private async prepare(row: TenantRow, database: Database): Promise<void> {
    await prepareTenant(database, this.deps, row.prepared);
    const mark = preparedMark(database, this.deps);
    if (row.prepared !== mark) await this.deps.tenants.notePrepared(row, mark);
    this.#prepared.add(row._id);
  }

  private dropIdle(): void {
    const before = this.deps.clock.monotonicMs() - IDLE_MS;
    for (const [id, { usedAtMs }] of this.#open) {
      if (usedAtMs > before) return;
      this.drop(id);
    }
  }

  private dropOldest(): void {
    for (const id of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN) return;
      this.drop(id);
    }
  }

  private drop(id: string): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    open.database.letGo();
  }
}
