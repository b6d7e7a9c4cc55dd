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
  /** Chosen by the caller, e.g. a product code; made when absent. */
  readonly id?: string;
  readonly title: string;
  readonly text: string;
  readonly locale?: Locale;
  readonly metadata?: DocumentMetadata;
}

/** What would be learnt of a file. */
export interface FilePreview {
  readonly kind: DocumentKind;
  readonly title: string;
  readonly locale?: Locale;
  readonly characters: number;
  readonly beginning: string;
}

export interface FaqMatch {
  readonly entry: FaqEntry;
  /** 0..1, calibrated: at or above `threshold` it is the same question. */
  readonly score: number;
  readonly exact: boolean;
}

export interface FaqMatchResult {
  /** Best entry, whether or not it reaches the threshold; `undefined` when there are none. */
  readonly best: FaqMatch | undefined;
  readonly threshold: number;
}

/** The business's knowledge, one scope at a time. Throws only `KnowledgeError` and `RetrievalError`. */
export interface KnowledgeService {
  /** Parses, chunks and indexes at once; the same content twice changes nothing. */
  upsert(
    scope: TenantScope,
    document: UpsertDocument,
  ): Promise<{ readonly document: DocumentSummary; readonly created: boolean; readonly changed: boolean }>;
  /** Stores the bytes durably and queues the work; status is read from the document. */
  upload(
    scope: TenantScope,
    file: {
      /** Of a request that may come again: it finds what a crash left of the first. */
      readonly id?: string;
      readonly fileName: string;
      readonly bytes: Uint8Array;
      readonly title?: string;
      readonly metadata?: DocumentMetadata;
    },
    /** Who is told in this conversation how it was read. */
    tell?: { readonly conversationId: string },
  ): Promise<{ readonly document: DocumentSummary; readonly jobId: string }>;
  /**
   * Reads a file now and keeps it under `id`; what was live there stays until then, and when it
   * cannot be read. `links`: where a web page leads, as it says it.
   */
  takeIn(
    scope: TenantScope,
    file: {
      readonly id: string;
      readonly fileName: string;
      readonly bytes: Uint8Array;
      /** For a file that names none itself. */
      readonly title: string;
      readonly metadata: DocumentMetadata;
    },
    signal: AbortSignal,
  ): Promise<{ readonly links: readonly string[] }>;
  /** Reads a file as `upload` would, and keeps nothing. */
  preview(
    file: { readonly fileName: string; readonly bytes: Uint8Array },
    signal: AbortSignal,
  ): Promise<FilePreview>;
  /** Job handler: parse, chunk, embed, publish. Idempotent. */
  ingest(scope: TenantScope, documentId: string, signal: AbortSignal): Promise<void>;
  /** Job handler: the document could not be read however often it was tried, and says so. */
  giveUpIngest(scope: TenantScope, documentId: string): Promise<void>;
  /** Queues what is not read and has no job, e.g. in a business that was restored. */
  queueUnread(scope: TenantScope): Promise<void>;
  /**
   * Reads and embeds a ready or failed document again, e.g. with another embedding model; what is
   * live stays so until it is done. `undefined`: there is none. Another state is left to its job.
   */
  reindex(scope: TenantScope, documentId: string, signal: AbortSignal): Promise<DocumentSummary | undefined>;
  remove(scope: TenantScope, documentId: string): Promise<boolean>;
  /** Removes it and makes live again what it took the place of. `undefined`: there is none. */
  undo(
    scope: TenantScope,
    documentId: string,
  ): Promise<{ readonly document: DocumentSummary; readonly back?: DocumentSummary } | undefined>;
  retriever(scope: TenantScope): Retriever;
}

/** Longest texts of an entry, in characters. */
export const FAQ_LIMITS = { question: 500, phrasings: 30, answer: 4_000 } as const;

/** Frequent questions with their approved answers; one entry for the same question in one language. */
export interface FaqService {
  match(scope: TenantScope, question: string, locale: Locale): Promise<FaqMatchResult>;
  /** The same question again gets the new answer. */
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
  /** CSV with the columns question, answer and optionally locale; all rows or none. */
  importCsv(
    scope: TenantScope,
    bytes: Uint8Array,
    defaultLocale: Locale,
  ): Promise<{ readonly imported: number }>;
}

export type KnowledgeErrorKind =
  /** The content is not a kind we read. */
  | 'unsupported-type'
  /** Damaged, encrypted, or not what it claims to be. */
  | 'unreadable'
  /** No text in it, e.g. a scanned PDF. */
  | 'no-text'
  /** Over the limit of bytes, pages, memory, time or output. */
  | 'too-large'
  | 'invalid-csv'
  | 'not-found';

export class KnowledgeError extends Error {
  override readonly name = 'KnowledgeError';
  constructor(
    readonly kind: KnowledgeErrorKind,
    /** In English, for API clients: says what is wrong and, for CSV, in which row. */
    message: string,
    readonly options: { readonly row?: number; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
  }
}
