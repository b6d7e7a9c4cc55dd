export type { Maintenance } from './transfer/maintenance.js';
export { openStore, type OpenStore, type OpenStoreOptions } from './open-store.js';
