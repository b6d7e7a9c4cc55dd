import type { DocumentKind, DocumentMetadata, DocumentSummary, FaqEntry } from './document.js';
import type { Locale } from './message.js';
import type { Retriever } from './retriever.js';
import type { TenantScope } from './stores.js';

export { DOCUMENT_KINDS } from './document.js';
export type { AnsweredQuestion, UnansweredService } from './unanswered.js';
export type {
  Chunk,
  DocumentKind,
  DocumentMetadata,
  DocumentSummary,
  FaqEntry,
  ReplacedDocument,
} from './document.js';

export interface UpsertDocument {
  /** Chosen by the caller, e.g. a product code; generated when absent. */
  readonly id?: string;
  readonly title: string;
  readonly text: string;
  readonly locale?: Locale;
  readonly metadata?: DocumentMetadata;
}

/** What Sapa would learn from a file. */
export interface FilePreview {
  readonly kind: DocumentKind;
  readonly title: string;
  readonly locale?: Locale;
  readonly characters: number;
  readonly beginning: string;
}

export interface FaqMatch {
  readonly entry: FaqEntry;
  /** Calibrated, 0 to 1; at or above `threshold` it is the same question. */
  readonly score: number;
  readonly exact: boolean;
}

export interface FaqMatchResult {
  /** The best entry, whether or not it reaches the threshold; `undefined` if there are no entries. */
  readonly best: FaqMatch | undefined;
  readonly threshold: number;
}

/**
 * A business's knowledge, always accessed through its scope. Throws only `KnowledgeError` and
 * `RetrievalError`.
 */
export interface KnowledgeService {
  /** Parses, chunks and indexes immediately; uploading the same content twice changes nothing. */
  upsert(
    scope: TenantScope,
    document: UpsertDocument,
  ): Promise<{ readonly document: DocumentSummary; readonly created: boolean; readonly changed: boolean }>;
  /** Stores the bytes durably and queues the processing; poll the document for its status. */
  upload(
    scope: TenantScope,
    file: {
      /** Set for requests that may be retried: finds what a crashed attempt left behind. */
      readonly id?: string;
      readonly fileName: string;
      readonly bytes: Uint8Array;
      readonly title?: string;
      readonly metadata?: DocumentMetadata;
    },
    /** The conversation that is told how the file was read. */
    tell?: { readonly conversationId: string },
  ): Promise<{ readonly document: DocumentSummary; readonly jobId: string }>;
  /**
   * Reads a file immediately and stores it under `id`. The previous version stays live until then, and if
   * reading fails. `links`: where a web page links to, as written.
   */
  takeIn(
    scope: TenantScope,
    file: {
      readonly id: string;
      readonly fileName: string;
      readonly bytes: Uint8Array;
      /** Used if the file itself has no title. */
      readonly title: string;
      readonly metadata: DocumentMetadata;
    },
    signal: AbortSignal,
  ): Promise<{ readonly links: readonly string[] }>;
  /** Reads a file as `upload` would, without storing anything. */
  preview(
    file: { readonly fileName: string; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<FilePreview>;
  /** Job handler: parse, chunk, embed, publish. Idempotent. */
  ingest(scope: TenantScope, documentId: string, signal: AbortSignal): Promise<void>;
  /** Job handler: marks the document as failed after the last retry. */
  giveUpIngest(scope: TenantScope, documentId: string): Promise<void>;
  /** Queues documents that are unread and have no job, e.g. in a restored business. */
  queueUnread(scope: TenantScope): Promise<void>;
  /**
   * Reads and embeds a ready or failed document again, e.g. with another embedding model; the live version
   * stays until that is done. `undefined`: no such document. Documents in any other state are left to their
   * job.
   */
  reindex(scope: TenantScope, documentId: string, signal: AbortSignal): Promise<DocumentSummary | undefined>;
  remove(scope: TenantScope, documentId: string): Promise<boolean>;
  /** Removes the document and restores the one it replaced. `undefined`: no such document. */
  undo(
    scope: TenantScope,
    documentId: string,
  ): Promise<{ readonly document: DocumentSummary; readonly back?: DocumentSummary } | undefined>;
  retriever(scope: TenantScope): Retriever;
}

/** Maximum lengths within an entry, in characters (`phrasings`: their number). */
export const FAQ_LIMITS = { question: 500, phrasings: 30, answer: 4_000 } as const;

/** Frequently asked questions with approved answers; one entry per question and language. */
export interface FaqService {
  match(scope: TenantScope, question: string, locale: Locale): Promise<FaqMatchResult>;
  /** Adding the same question again replaces its answer. */
  add(
    scope: TenantScope,
    entry: {
      readonly question: string;
      readonly phrasings?: readonly string[];
      readonly answer: string;
      readonly locale: Locale;
    },
  ): Promise<FaqEntry>;
  update(
    scope: TenantScope,
    id: string,
    change: {
      readonly question?: string;
      readonly phrasings?: readonly string[];
      readonly answer?: string;
      readonly locale?: Locale;
    },
  ): Promise<FaqEntry | undefined>;
  remove(scope: TenantScope, id: string): Promise<boolean>;
  /** CSV with the columns question, answer and optionally locale; all rows are imported or none. */
  importCsv(
    scope: TenantScope,
    bytes: Uint8Array,
    defaultLocale: Locale,
  ): Promise<{ readonly imported: number }>;
}

export type KnowledgeErrorKind =
  /** A file type we do not read. */
  | 'unsupported-type'
  /** Damaged, encrypted, or not the type it claims to be. */
  | 'unreadable'
  /** No text in it, e.g. a scanned PDF. */
  | 'no-text'
  /** Over the limit for bytes, pages, memory, time or output. */
  | 'too-large'
  | 'invalid-csv'
  | 'not-found';

export class KnowledgeError extends Error {
  override readonly name = 'KnowledgeError';
  constructor(
    readonly kind: KnowledgeErrorKind,
    /** In English, for API clients: what is wrong and, for CSV, in which row. */
    message: string,
    readonly options: { readonly row?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }
}
