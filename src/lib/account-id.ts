/** What people may call a channel account. */
export const ACCOUNT_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}$/;

/** Ids of accounts are unique in the service, so the tenant's own id keeps tenants apart. */
export function accountIdOf(tenantId: string, wished: string): string {
  return wished.startsWith(`${tenantId}.`) ? wished : `${tenantId}.${wished}`;
}
