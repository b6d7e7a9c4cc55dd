import type { StoredFile } from '../turn.js';

/** Files the business sends: pictures, reports, results. */
export interface FileStore {
  /** Durable once resolved. */
  save(
    file: Pick<StoredFile, 'kind' | 'fileName' | 'mediaType'> & { readonly bytes: Uint8Array },
  ): Promise<StoredFile>;
  read(id: string): Promise<Uint8Array | undefined>;
  remove(id: string): Promise<void>;
}
