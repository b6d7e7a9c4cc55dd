import type { Locale } from './message.js';
import type { Retriever } from './retriever.js';
import type { TenantScope } from './stores.js';

/** Kinds of file that can become knowledge. The kind is decided by content, not by name. */
export const DOCUMENT_KINDS = ['text', 'markdown', 'csv', 'tsv', 'pdf'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

export type DocumentMetadata = Readonly<Record<string, string | number | boolean>>;

export interface DocumentSummary {
  readonly id: string;
  readonly title: string;
  readonly kind: DocumentKind;
  readonly locale: Locale | undefined;
  readonly metadata: DocumentMetadata;
  readonly status: 'queued' | 'parsing' | 'embedding' | 'ready' | 'failed';
  /** 0..1 */
  readonly progress: number;
  readonly chunks: number;
  /** Counts changes of the content, from 1. */
  readonly revision: number;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface Chunk {
  readonly id: string;
  readonly documentId: string;
  /** Position in the document, from 0. */
  readonly ordinal: number;
  /** Headings from the outermost inwards. */
  readonly headings: readonly string[];
  readonly text: string;
}

export interface UpsertDocument {
  /** Chosen by the caller, e.g. a product code; made when absent. */
  readonly id?: string;
  readonly title: string;
  readonly text: string;
  readonly locale?: Locale;
  readonly metadata?: DocumentMetadata;
}

export interface FaqEntry {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
  readonly locale: Locale;
  readonly createdAt: Date;
  readonly updatedAt: Date;
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
      readonly fileName: string;
      readonly bytes: Uint8Array;
      readonly title?: string;
      readonly metadata?: DocumentMetadata;
    },
  ): Promise<{ readonly document: DocumentSummary; readonly jobId: string }>;
  /** Job handler: parse, chunk, embed, publish. Idempotent. */
  ingest(scope: TenantScope, documentId: string, signal: AbortSignal): Promise<void>;
  remove(scope: TenantScope, documentId: string): Promise<boolean>;
  retriever(scope: TenantScope): Retriever;
}

/** Frequent questions with their approved answers. */
export interface FaqService {
  match(scope: TenantScope, question: string, locale: Locale): Promise<FaqMatchResult>;
  add(
    scope: TenantScope,
    entry: { readonly question: string; readonly answer: string; readonly locale: Locale },
  ): Promise<FaqEntry>;
  update(
    scope: TenantScope,
    id: string,
    change: { readonly question?: string; readonly answer?: string; readonly locale?: Locale },
  ): Promise<FaqEntry | undefined>;
  remove(scope: TenantScope, id: string): Promise<boolean>;
  /** CSV with the columns question, answer and optionally locale; all rows or none. */
  importCsv(
    scope: TenantScope,
    bytes: Uint8Array,
    defaultLocale: Locale,
  ): Promise<{ readonly imported: number }>;
}

/** What becomes of questions that had no answer. */
export interface UnansweredService {
  /** Makes a FAQ entry and tells those who asked; `undefined` when there is no such question. */
  answer(
    scope: TenantScope,
    id: string,
    answer: string,
  ): Promise<{ readonly entry: FaqEntry; readonly told: number } | undefined>;
  dismiss(scope: TenantScope, id: string): Promise<boolean>;
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
