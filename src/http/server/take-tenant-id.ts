import { tenantIdSchema } from '../../lib/api/fields.js';
import type { RawBody } from '../../lib/api/body-spec.js';
import { invalidRequest } from '../../lib/api/problem.js';

/**
 * Any body may name its tenant in `tenant_id`. It is removed here, because it concerns who may act rather
 * than what is written.
 */
export function takeTenantId(body: RawBody): {
  readonly body: RawBody;
  readonly tenantId: string | undefined;
} {
  const fields = body.type === 'json' ? body.value : body.type === 'upload' ? body.fields : undefined;
  if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, 'tenant_id')) {
    return { body, tenantId: undefined };
  }
  const { tenant_id: tenantId, ...rest } = fields as Record<string, unknown>;
  const parsed = tenantIdSchema.safeParse(tenantId);
  if (!parsed.success) {
    throw invalidRequest('The body is not what this route takes.', [
      { path: 'tenant_id', code: 'invalid_type', message: 'The id of a tenant is needed.' },
    ]);
  }
  const without: RawBody =
    body.type === 'upload'
      ? {
          ...body,
          fields: Object.fromEntries(Object.entries(body.fields).filter(([name]) => name !== 'tenant_id')),
        }
      : { type: 'json', value: rest };
  return { body: without, tenantId: parsed.data };
}
