import { randomBytes } from 'node:crypto';
import type { HookDelivery } from '../../src/automation/hook.js';
import { hookStore } from '../../src/automation/hook-store.js';
import { Hooks, type HookDependencies } from '../../src/automation/hooks.js';
import type { JobQueue } from '../../src/contracts/queue.js';
import { tenantSettingsSchema } from '../../src/contracts/settings.js';
import { makeId } from '../../src/lib/ids/make-id.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { openTestStore } from '../fakes/test-store.js';

export type HookDesk = Awaited<ReturnType<typeof openHookDesk>>;

/** Outbound webhooks on the real store, with a queue that the test runs by hand. */
export async function openHookDesk(deps: Pick<HookDependencies, 'clock' | 'outbound' | 'timeoutMs'>) {
  const { clock } = deps;
  const store = await openTestStore({ clock });
  await store.service.putTenant('shop', tenantSettingsSchema.parse({ name: 'Toko' }));
  const scope = await store.service.scope('shop');
  if (scope === undefined) throw new Error('no scope');
  const waiting = new Map<string, { readonly at: Date; readonly data: unknown }>();
  const queue: JobQueue = {
    enqueue: (_type, _tenant, data, { key = '', at = clock.now() } = {}) => {
      waiting.set(key, { at, data });
      return Promise.resolve(key);
    },
    cancel: (_type, _tenant, key) => Promise.resolve(waiting.delete(key)),
    repeat: () => Promise.reject(new Error('not expected')),
    find: () => Promise.resolve(undefined),
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const common = { sealingKey: randomBytes(32), makeId, logger: silentLogger };
  const hooks = new Hooks({ ...deps, ...common, queue });

  return {
    hooks,
    scope,
    store,
    waiting,

    /** Hooks with a queue of their own, on the same store. */
    hooksWith: (own: JobQueue, change: Pick<HookDependencies, 'timeoutMs'>) =>
      new Hooks({ ...deps, ...change, ...common, queue: own }),

    /** Runs the job that is due first. `undefined`: none is waiting. */
    async runNext(): Promise<Date | undefined> {
      const [next] = [...waiting].toSorted(([, one], [, other]) => one.at.getTime() - other.at.getTime());
      if (next === undefined) return undefined;
      const [key, { at, data }] = next;
      waiting.delete(key);
      const run = { signal: new AbortController().signal, attempt: 1, progress: () => Promise.resolve() };
      await hooks.jobs()[0]?.run(scope, data, run);
      return at;
    },

    async deliveriesOf(hookId: string): Promise<readonly HookDelivery[]> {
      const { items } = await scope.store(hookStore).deliveries(hookId, undefined, { limit: 200 });
      return items.toSorted((one, other) => (one.order ?? 0) - (other.order ?? 0));
    },

    close: () => store.close(),
  };
}
