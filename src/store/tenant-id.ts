import { TENANT_ID } from '../lib/ids/tenant-id.js';

export function isTenantId(id: string): boolean {
  return typeof id === 'string' && TENANT_ID.test(id);
}

/** Name of the tenant's database, at most 63 bytes. Throws a `RangeError` for an invalid id. */
export function databaseNameOf(prefix: string, tenantId: string): string {
  if (!isTenantId(tenantId)) throw new RangeError('a tenant id has 1 to 48 of a-z, 0-9, _ and -');
  return `${prefix}${tenantId}`;
}
