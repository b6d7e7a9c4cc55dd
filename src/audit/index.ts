export { createAuditLog } from './audit-log.js';
export { auditRoutes } from './audit-routes.js';
export { auditStore } from './audit-store.js';
