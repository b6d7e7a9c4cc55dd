export { openEmbeddedStore, type EmbeddedStore } from './open-embedded-store.js';
export { examineStore, StoreInUseError, withStoreAlone } from './maintain.js';
export { DamagedStoreError } from './file/examine.js';
export { UnreadableStoreError } from './file/unreadable.js';
export { repairStore, restoreStore } from './file/repair.js';
