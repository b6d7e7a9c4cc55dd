import { z } from 'zod';
import type { TenantScope } from '../../contracts/stores.js';
import { tenantIdSchema } from '../../lib/api/fields.js';
import { orNotFound } from '../../lib/api/problem.js';

export const tenantParams = z.strictObject({ id: tenantIdSchema });

/** The global key may name a tenant that does not exist. */
export function mustExist(scope: TenantScope | undefined): TenantScope {
  return orNotFound(scope);
}
