import type { StoredFile } from '../turn.js';

/** Files the business sends: pictures, reports, results. */
export interface FileStore {
  /** Durable once resolved. */
  save(
    file: Pick<StoredFile, 'kind' | 'fileName' | 'mediaType'> & { readonly bytes: Uint8Array },
  ): Promise<StoredFile>;
  read(id: string): Promise<Uint8Array | undefined>;
  /** The bytes in order, piece by piece, for files too large to hold in memory. */
  pieces(id: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  remove(id: string): Promise<void>;
}
