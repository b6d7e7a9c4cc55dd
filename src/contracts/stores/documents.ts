import type { Chunk, DocumentKind, DocumentMetadata, DocumentSummary } from '../document.js';
import type { Locale } from '../message.js';
import type { Page, PageRequest } from './page.js';

/** A stored document: the summary plus a hash of its content. */
export interface StoredDocument extends DocumentSummary {
  readonly contentHash: string;
  /** For uploads: a file with the same name replaces this one. */
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
  /** Changes some fields; `undefined` if the document does not exist. */
  update(
    id: string,
    change: Partial<Omit<StoredDocument, 'id' | 'createdAt'>>,
  ): Promise<StoredDocument | undefined>;
  /** Removes a document from the knowledge and from lists, but keeps it for `bringBack`. */
  supersede(id: string, by: string): Promise<void>;
  /** The kept document that this one replaced. */
  superseded(by: string): Promise<StoredDocument | undefined>;
  /** Makes a superseded document live again. */
  bringBack(id: string): Promise<void>;
  /** Removes the document, the one it superseded, all generations of its chunks, and its file. */
  remove(id: string): Promise<boolean>;
  /** Chunks of a generation must be written before the document makes it live. */
  putChunks(documentId: string, generation: number, chunks: readonly StoredChunk[]): Promise<void>;
  /** Makes `generation` live in one step, then removes the others. Increments the knowledge revision. */
  publish(
    documentId: string,
    generation: number,
    change: Partial<Omit<StoredDocument, 'id' | 'createdAt' | 'generation'>>,
  ): Promise<StoredDocument | undefined>;
  /** Stores the vectors for chunks of one generation. Increments the knowledge revision. */
  putVectors(
    documentId: string,
    generation: number,
    vectors: readonly { readonly ordinal: number; readonly vector: NonNullable<StoredChunk['vector']> }[],
  ): Promise<void>;
  /** Live chunks of one document, in order. */
  chunks(documentId: string): Promise<readonly StoredChunk[]>;
  /** Live chunks of all ready documents, with the document fields a search needs. */
  allChunks(): AsyncIterable<StoredChunk & { readonly document: IndexedDocument }>;
  /** Increases whenever any process publishes or removes a document or FAQ entry. */
  revision(): Promise<number>;
  /** The original bytes of an upload, compressed with zstd. */
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
