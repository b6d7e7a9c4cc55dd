import type { Locale } from './message.js';

/** Kinds of file that can become knowledge. The kind is decided by content, not by name. */
export const DOCUMENT_KINDS = [
  'text',
  'markdown',
  'csv',
  'tsv',
  'json',
  'html',
  'pdf',
  'docx',
  'xlsx',
] as const;
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
  /** The document that it took the place of, and what is different. */
  readonly replaced?: ReplacedDocument;
}

export interface ReplacedDocument {
  readonly id: string;
  readonly createdAt: Date;
  /** Passages that were not in it. */
  readonly added: number;
  /** Passages that were in it alone. */
  readonly removed: number;
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

export interface FaqEntry {
  readonly id: string;
  readonly question: string;
  /** Other ways in which people ask the same. */
  readonly phrasings?: readonly string[];
  readonly answer: string;
  readonly locale: Locale;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Where an answer is kept, so that it can be found again when it was offered as a choice. */
export type AnswerReference =
  | { readonly type: 'entry'; readonly id: string }
  /** A passage or a row: the chunk that holds it, and where in it it begins. */
  | { readonly type: 'passage'; readonly chunkId: string; readonly unit: number };
