import type { Chunk, DocumentKind, DocumentMetadata, DocumentSummary } from '../document.js';
import type { Locale } from '../message.js';
import type { Page, PageRequest } from './page.js';

/** A document as it is kept: the summary and the hash of its content. */
export interface StoredDocument extends DocumentSummary {
  readonly contentHash: string;
  /** Of an upload: a file of the same name takes the place of this one. */
  readonly fileName?: string;
  /** Chunks of this generation are live; others are being built or are garbage. */
  readonly generation: number;
}

export interface StoredChunk extends Chunk {
  readonly generation: number;
  readonly vector?: { readonly modelId: string; readonly values: Float32Array };
}

export interface DocumentStore {
  get(id: string): Promise<StoredDocument | undefined>;
  list(page: PageRequest): Promise<Page<StoredDocument>>;
  /** Writes the whole document, new or changed. */
  put(document: StoredDocument): Promise<void>;
  /** Changes some fields; `undefined` when it does not exist. */
  update(
    id: string,
    change: Partial<Omit<StoredDocument, 'id' | 'createdAt'>>,
  ): Promise<StoredDocument | undefined>;
  /** Takes a document out of the knowledge and out of the lists, kept for `bringBack`. */
  supersede(id: string, by: string): Promise<void>;
  /** Kept because this one took its place. */
  superseded(by: string): Promise<StoredDocument | undefined>;
  /** Makes a superseded document live again. */
  bringBack(id: string): Promise<void>;
  /** Removes the document with what it superseded, every generation of its chunks, and its file. */
  remove(id: string): Promise<boolean>;
  /** Chunks of a generation are written before the document names it live. */
  putChunks(documentId: string, generation: number, chunks: readonly StoredChunk[]): Promise<void>;
  /** Makes `generation` the live one in one step, then removes the others. Bumps the knowledge revision. */
  publish(
    documentId: string,
    generation: number,
    change: Partial<Omit<StoredDocument, 'id' | 'createdAt' | 'generation'>>,
  ): Promise<StoredDocument | undefined>;
  /** Gives chunks of one generation their vectors. Bumps the knowledge revision. */
  putVectors(
    documentId: string,
    generation: number,
    vectors: readonly { readonly ordinal: number; readonly vector: NonNullable<StoredChunk['vector']> }[],
  ): Promise<void>;
  /** Live chunks of one document, in order. */
  chunks(documentId: string): Promise<readonly StoredChunk[]>;
  /** Live chunks of all ready documents with what a search needs to know of the document. */
  allChunks(): AsyncIterable<StoredChunk & { readonly document: IndexedDocument }>;
  /** Grows with each publish and remove of documents and FAQ entries, in any process. */
  revision(): Promise<number>;
  /** Original bytes of an upload, compressed with zstd. */
  putFile(documentId: string, bytes: Uint8Array): Promise<void>;
  getFile(documentId: string): Promise<Uint8Array | undefined>;
}

export interface IndexedDocument {
  readonly id: string;
  readonly title: string;
  readonly kind: DocumentKind;
  readonly locale: Locale | undefined;
  readonly metadata: DocumentMetadata;
}
