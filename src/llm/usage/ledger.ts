import type { Clock, Logger, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import {
  HOLD_MS,
  NO_COUNTS,
  usageStore,
  type Counts,
  type LedgerEntry,
  type LedgerKey,
  type OpenCall,
} from './usage-store.js';

/** How long entries are collected, in ms, so that a busy business costs one write instead of one per call. */
const WAIT_MS = 500;

/**
 * The ledger of model calls. A call is on record while it runs, so that it is counted even if its process
 * dies. Calls that end are collected briefly before they are written.
 */
export class Ledger {
  private waiting = new Map<
    TenantScope['tenantId'],
    { scope: TenantScope; entries: Map<string, LedgerEntry> }
  >();
  private readonly unwritten = new Set<Promise<void>>();
  private writing: Promise<void> = Promise.resolve();
  private isArmed = false;

  constructor(
    private readonly deps: { readonly clock: Clock; readonly logger: Logger; readonly makeId: MakeId },
  ) {}

  /**
   * Puts a call on record, while its request is on the way already. The returned function takes it off again
   * and counts what it used.
   */
  begin(scope: TenantScope, key: LedgerKey, estimate: Counts): (key: LedgerKey, counts: Counts) => void {
    const { clock, makeId } = this.deps;
    const until = new Date(clock.now().getTime() + HOLD_MS);
    const call = { id: makeId('call'), until, estimate };
    const opening = this.tracked(scope, scope.store(usageStore).open(key, call));
    return (endKey, counts) => {
      void this.tracked(
        scope,
        opening.then(() => this.end(scope, { key, call }, { key: endKey, counts })),
      );
    };
  }

  /** Resolves once everything so far is stored or its write has failed for good. */
  async flush(): Promise<void> {
    await Promise.all(this.unwritten);
    await this.write();
  }

  private tracked(scope: TenantScope, work: Promise<void>): Promise<void> {
    const done = work
      .catch((error: unknown) =>
        this.deps.logger.error({ error, tenant: scope.tenantId }, 'the usage of models was not recorded'),
      )
      .finally(() => this.unwritten.delete(done));
    this.unwritten.add(done);
    return done;
  }

  private async end(
    scope: TenantScope,
    begun: { readonly key: LedgerKey; readonly call: OpenCall },
    { key, counts }: { readonly key: LedgerKey; readonly counts: Counts },
  ): Promise<void> {
    const { id, until, estimate } = begun.call;
    if (until < this.deps.clock.now() && !(await scope.store(usageStore).close(begun.key, id))) {
      // It was taken for abandoned: what was counted for it is corrected.
      this.add(scope, { key: begun.key, counts: difference(NO_COUNTS, estimate), closes: [] });
      this.add(scope, { key, counts, closes: [] });
      return;
    }
    // A server may have named its model only after the call began, or the day may have changed.
    this.add(scope, { key: begun.key, counts: NO_COUNTS, closes: [id] });
    this.add(scope, { key, counts, closes: [] });
  }

  private add(scope: TenantScope, { key, counts, closes }: LedgerEntry): void {
    const forTenant = this.waiting.get(scope.tenantId) ?? { scope, entries: new Map<string, LedgerEntry>() };
    this.waiting.set(scope.tenantId, { ...forTenant, scope });
    const name = Object.values(key).join('|');
    const other = forTenant.entries.get(name) ?? { key, counts: NO_COUNTS, closes: [] };
    forTenant.entries.set(name, {
      key,
      counts: combine(other.counts, counts, (a, b) => a + b),
      closes: [...other.closes, ...closes],
    });
    if (this.isArmed) return;
    this.isArmed = true;
    void this.deps.clock.sleep(WAIT_MS).then(() => this.write());
  }

  private write(): Promise<void> {
    this.isArmed = false;
    const all = [...this.waiting.values()];
    this.waiting = new Map();
    this.writing = this.writing.then(async () => {
      await Promise.all(
        all.map(({ scope, entries }) =>
          this.tracked(scope, scope.store(usageStore).add([...entries.values()])),
        ),
      );
    });
    return this.writing;
  }
}

function difference(a: Counts, b: Counts): Counts {
  return combine(a, b, (left, right) => left - right);
}

function combine(a: Counts, b: Counts, operation: (left: number, right: number) => number): Counts {
  const names = Object.keys(NO_COUNTS) as readonly (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, operation(a[name], b[name])])) as unknown as Counts;
}
