import type { AuditLog } from '../contracts/audit.js';
import type { Logger } from '../contracts/runtime.js';
import { auditStore } from './audit-store.js';

export function createAuditLog({ logger }: { readonly logger: Logger }): AuditLog {
  return {
    async note(scope, entry) {
      try {
        await scope.store(auditStore).add(entry);
      } catch (error) {
        const { tenantId } = scope;
        logger.error(
          { error, tenantId, action: entry.action },
          'a change was not recorded in the audit trail',
        );
      }
    },
  };
}
