export { openStore, type OpenStore, type OpenStoreOptions } from './open-store.js';
