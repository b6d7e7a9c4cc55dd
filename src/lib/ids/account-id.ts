/** Allowed ids for a channel account. */
export const ACCOUNT_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,100}$/;

/** Account ids are unique across the service, so the tenant's id is made part of them. */
export function accountIdOf(tenantId: string, requestedId: string): string {
  return requestedId.startsWith(`${tenantId}.`) ? requestedId : `${tenantId}.${requestedId}`;
}
