import type { Clock, Logger } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';

export interface RevisionCacheOptions<Built> {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Builds the value from the tenant's stores. */
  readonly build: (scope: TenantScope) => Promise<Built>;
  /** A tenant not requested for this long is dropped from memory. */
  readonly maxIdleMs?: number | undefined;
  /** Tenants held at once; the least recently used is dropped first. */
  readonly maxTenants?: number | undefined;
}

const DEFAULTS = { maxIdleMs: 30 * 60_000, maxTenants: 500 } as const;

export interface Revised<Built> {
  readonly revision: number;
  readonly value: Built;
}

interface Entry<Built> {
  current: Revised<Built> | undefined;
  building: Promise<Revised<Built>> | undefined;
  /** Changes announced in this process, and how many of them `current` includes. */
  announced: number;
  seen: number;
  checkedAt: number;
  usedAt: number;
}

/** How often a tenant's revision is compared in the background, to notice changes made by other processes. */
const CHECK_EVERY_MS = 250;
/** After this long without a comparison, the revision is compared before the value is used. */
const TRUST_FOR_MS = 5_000;

/**
 * One value per tenant, built from its knowledge and rebuilt when the knowledge's revision changes. One build
 * at a time per tenant; the old value is used meanwhile, except after `invalidate`: a change made in this
 * process takes effect in the very next answer.
 */
export class RevisionCache<Built> {
  /** Least recently used first. */
  private readonly entries = new Map<string, Entry<Built>>();

  constructor(private readonly options: RevisionCacheOptions<Built>) {}

  /** Rejects with the error of `build` or the store if there is no earlier value to fall back on. */
  async get(scope: TenantScope): Promise<Revised<Built>> {
    const entry = this.touch(scope.tenantId);
    if (entry.current === undefined || entry.seen < entry.announced) return this.upToDate(scope, entry);
    const age = this.options.clock.monotonicMs() - entry.checkedAt;
    if (age >= TRUST_FOR_MS) await this.check(scope, entry);
    else if (age >= CHECK_EVERY_MS) void this.check(scope, entry);
    return entry.current;
  }

  /** Marks the tenant's knowledge as changed by this process. */
  invalidate(tenantId: string): void {
    const entry = this.entries.get(tenantId);
    if (entry !== undefined) entry.announced += 1;
  }

  clear(): void {
    this.entries.clear();
  }

  get size(): number {
    return this.entries.size;
  }

  private touch(tenantId: string): Entry<Built> {
    const now = this.options.clock.monotonicMs();
    const entry = this.entries.get(tenantId) ?? {
      current: undefined,
      building: undefined,
      announced: 0,
      seen: -1,
      checkedAt: now,
      usedAt: now,
    };
    entry.usedAt = now;
    this.entries.delete(tenantId);
    this.entries.set(tenantId, entry);
    this.evict(now);
    return entry;
  }

  private evict(now: number): void {
    const { maxIdleMs = DEFAULTS.maxIdleMs, maxTenants = DEFAULTS.maxTenants } = this.options;
    for (const [tenantId, { usedAt }] of this.entries) {
      if (this.entries.size <= maxTenants && now - usedAt <= maxIdleMs) return;
      this.entries.delete(tenantId);
    }
  }

  /** Builds until the value includes every change announced before the call. */
  private async upToDate(scope: TenantScope, entry: Entry<Built>): Promise<Revised<Built>> {
    const target = entry.announced;
    let built = entry.current;
    while (built === undefined || entry.seen < target) built = await this.build(scope, entry);
    return built;
  }

  private build(scope: TenantScope, entry: Entry<Built>): Promise<Revised<Built>> {
    entry.building ??= this.buildNow(scope, entry).finally(() => {
      entry.building = undefined;
    });
    return entry.building;
  }

  private async buildNow(scope: TenantScope, entry: Entry<Built>): Promise<Revised<Built>> {
    const announced = entry.announced;
    // Read before building: a change during the build then leaves an older revision, and the next check
    // notices it.
    const revision = await scope.documents.revision();
    const value = await this.options.build(scope);
    entry.current = { revision, value };
    entry.seen = announced;
    entry.checkedAt = this.options.clock.monotonicMs();
    return entry.current;
  }

  /** Never rejects: the current value stays in use if the store cannot be read. */
  private async check(scope: TenantScope, entry: Entry<Built>): Promise<void> {
    entry.checkedAt = this.options.clock.monotonicMs();
    try {
      const revision = await scope.documents.revision();
      if (revision !== entry.current?.revision) await this.build(scope, entry);
    } catch (error) {
      this.options.logger.warn({ tenantId: scope.tenantId, error }, 'Knowledge could not be read again.');
    }
  }
}
