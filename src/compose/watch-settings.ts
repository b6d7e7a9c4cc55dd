import type { Logger } from '../contracts/runtime.js';
import type { ServiceStore, TenantScope } from '../contracts/stores.js';

/** Called with a business's settings; a repeated call with the same settings changes nothing. */
export type SettingsFollower = (scope: TenantScope) => Promise<void>;

/**
 * Wraps the service store so that followers are told of settings they have not seen: when they are changed
 * here, and when a scope is opened with settings that another process changed or this new process has not
 * seen.
 */
export function watchSettings(
  service: ServiceStore,
  logger: Logger,
): {
  readonly service: ServiceStore;
  follow(follower: SettingsFollower): void;
  /** Resolves when no follower is running any more, which must be before the store closes. */
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
        // Retried when the settings change again, or by the next process that opens the scope.
        logger.warn({ error, tenantId: scope.tenantId }, 'settings could not be followed');
      }
    }
  };

  const watched: Pick<ServiceStore, 'scope' | 'putTenant' | 'changeTenant'> = {
    async scope(tenantId) {
      const scope = await service.scope(tenantId);
      // The caller does not wait for it.
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
    // Everything else is inherited from the store.
    service: Object.assign(Object.create(service) as ServiceStore, watched),
  };
}
