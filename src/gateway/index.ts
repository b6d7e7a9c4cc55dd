export { Accounts } from './accounts.js';
export type { BuiltInAccounts, FoundAccount } from './accounts.js';
export { Connections } from './connections.js';
export { createWebhooks } from './webhooks.js';
