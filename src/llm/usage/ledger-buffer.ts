import type { Clock, Logger } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { usageStore, type Counts, type LedgerKey } from './usage-store.js';

/** How long entries are collected, in ms, so that a busy business costs one write instead of one per call. */
const WAIT_MS = 500;

interface Entry {
  readonly key: LedgerKey;
  counts: Counts;
}

/** Collects ledger entries briefly before writing; entries waiting in a process that dies are lost. */
export class LedgerBuffer {
  private waiting = new Map<TenantScope['tenantId'], { scope: TenantScope; entries: Map<string, Entry> }>();
  private writing: Promise<void> = Promise.resolve();
  private isArmed = false;

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  add(scope: TenantScope, key: LedgerKey, counts: Counts): void {
    const of = this.waiting.get(scope.tenantId) ?? { scope, entries: new Map<string, Entry>() };
    this.waiting.set(scope.tenantId, { ...of, scope });
    const name = Object.values(key).join('|');
    const existing = of.entries.get(name);
    of.entries.set(name, { key, counts: existing === undefined ? counts : sum(existing.counts, counts) });
    if (this.isArmed) return;
    this.isArmed = true;
    void this.clock.sleep(WAIT_MS).then(() => this.flush());
  }

  /**
   * Writes the waiting entries; resolves once they and all earlier ones are stored or have failed for good.
   */
  flush(): Promise<void> {
    this.isArmed = false;
    const all = [...this.waiting.values()];
    this.waiting = new Map();
    this.writing = this.writing.then(async () => {
      await Promise.all(
        all.map(async ({ scope, entries }) => {
          try {
            await scope.store(usageStore).add([...entries.values()]);
          } catch (error) {
            this.logger.error({ error, tenant: scope.tenantId }, 'the use of models was not noted');
          }
        }),
      );
    });
    return this.writing;
  }
}

function sum(a: Counts, b: Counts): Counts {
  const names = Object.keys(a) as readonly (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as Counts;
}
