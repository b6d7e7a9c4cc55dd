import type { Logger } from '../contracts/runtime.js';
import type { ServiceStore, TenantScope } from '../contracts/stores.js';

/** Follows the settings of a business; called again with the same ones it does nothing new. */
export type SettingsFollower = (scope: TenantScope) => Promise<void>;

/**
 * The service store, which tells followers of settings they have not seen: when they are changed here,
 * and when a scope with others is opened, because another process changed them or this one is new.
 */
export function watchSettings(
  service: ServiceStore,
  logger: Logger,
): {
  readonly service: ServiceStore;
  follow(follower: SettingsFollower): void;
  /** Resolves when nobody follows any more: before the store is closed under them. */
  settled(): Promise<void>;
} {
  const followers: SettingsFollower[] = [];
  const notifiedSettings = new WeakSet<object>();
  const running = new Set<Promise<void>>();

  const tell = async (scope: TenantScope | undefined): Promise<void> => {
    if (scope === undefined || notifiedSettings.has(scope.settings)) return;
    notifiedSettings.add(scope.settings);
    for (const follower of followers) {
      try {
        await follower(scope);
      } catch (error) {
        // Tried again when the settings change, or by the next process that opens the scope.
        logger.warn({ error, tenantId: scope.tenantId }, 'settings could not be followed');
      }
    }
  };

  const watched: Pick<ServiceStore, 'scope' | 'putTenant' | 'changeTenant'> = {
    async scope(tenantId) {
      const scope = await service.scope(tenantId);
      // Whoever asked does not wait for it.
      const task = tell(scope).finally(() => running.delete(task));
      running.add(task);
      return scope;
    },
    async putTenant(tenantId, settings) {
      const put = await service.putTenant(tenantId, settings);
      await tell(await service.scope(tenantId));
      return put;
    },
    async changeTenant(tenantId, change, options) {
      const result = await service.changeTenant(tenantId, change, options);
      await tell(await service.scope(tenantId));
      // A follower may have filled something in.
      return { tenant: (await service.tenant(tenantId)) ?? result.tenant, created: result.created };
    },
  };
  return {
    follow: (follower) => void followers.push(follower),
    async settled() {
      await Promise.all(running);
    },
    // All else is the store's own.
    service: Object.assign(Object.create(service) as ServiceStore, watched),
  };
}
