import { randomBytes } from 'node:crypto';
import { tenantSettingsSchema } from '../../../src/contracts/settings.js';
import type { TenantScope } from '../../../src/contracts/stores.js';
import type { OpenStore } from '../../../src/store/index.js';

/** The scope of a new business. */
export async function newScope(store: OpenStore): Promise<TenantScope> {
  const id = `t-${randomBytes(6).toString('hex')}`;
  await store.service.putTenant(id, tenantSettingsSchema.parse({ name: id }));
  const scope = await store.service.scope(id);
  if (scope === undefined) throw new Error('a new tenant has no scope');
  return scope;
}
