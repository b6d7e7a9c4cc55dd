import type { StoredDocument } from './document-cache.js';

/** A transaction's write to one document. */
export interface OwnWrite {
  readonly type: 'insert' | 'update' | 'replace' | 'delete';
  readonly before: StoredDocument | undefined;
  readonly after: StoredDocument | undefined;
}
