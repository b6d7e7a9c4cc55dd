export {
  openEmbeddedStore,
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  type StoreRole,
} from './open-embedded-store.js';
