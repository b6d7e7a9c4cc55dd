import { z } from 'zod';
import type { TenantScope } from '../../contracts/stores.js';
import { tenantIdSchema } from '../api/fields.js';
import { notFound } from '../problem.js';

export const tenantParams = z.strictObject({ id: tenantIdSchema });

/** The global key may name a tenant that does not exist. */
export function mustExist(scope: TenantScope | undefined): TenantScope {
  if (scope === undefined) throw notFound();
  return scope;
}
