import type { FileStore } from '../../contracts/stores.js';
import type { MakeId } from '../../contracts/runtime.js';
import type { StoredFile } from '../../contracts/turn.js';
import { checkedText } from '../checked-value.js';
import type { Database } from '../database.js';
import { DocumentFiles } from './document-files.js';

/** Prefix of the ids of sent files, so that none is mistaken for the file of a document. */
const PREFIX = 'file';

export class MongoFileStore implements FileStore {
  readonly #files: DocumentFiles;

  constructor(
    database: Database,
    private readonly makeId: MakeId,
  ) {
    this.#files = new DocumentFiles(database);
  }

  async save({ kind, fileName, mediaType, bytes }: Parameters<FileStore['save']>[0]): Promise<StoredFile> {
    const id = this.makeId(PREFIX);
    await this.#files.put(id, bytes);
    return { id, kind, fileName, mediaType, sizeBytes: bytes.byteLength };
  }

  async read(id: string): Promise<Uint8Array | undefined> {
    return isOurs(id) ? this.#files.get(id) : undefined;
  }

  async pieces(id: string): Promise<AsyncIterable<Uint8Array> | undefined> {
    return isOurs(id) ? this.#files.pieces(id) : undefined;
  }

  async remove(id: string): Promise<void> {
    if (isOurs(id)) await this.#files.remove(id);
  }
}

function isOurs(id: string): boolean {
  return checkedText(id).startsWith(`${PREFIX}_`);
}
