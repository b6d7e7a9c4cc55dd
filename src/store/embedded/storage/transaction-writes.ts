import type { StoredDocument } from './document-cache.js';

/** What a transaction did to one document. */
export interface OwnWrite {
  readonly type: 'insert' | 'update' | 'replace' | 'delete';
  readonly before: StoredDocument | undefined;
  readonly after: StoredDocument | undefined;
}
