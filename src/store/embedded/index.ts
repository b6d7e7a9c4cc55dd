export {
  openEmbeddedStore,
  type EmbeddedStore,
  type EmbeddedStoreOptions,
  type StoreRole,
} from './open-embedded-store.js';
export { examineStore, StoreInUseError, withStoreAlone } from './maintain.js';
export { DamagedStoreError, type Examination } from './file/examine.js';
export { NewerStoreError } from './file/format.js';
export { UnreadableStoreError } from './file/unreadable.js';
export { repairStore, restoreStore, type RepairReport } from './file/repair.js';
