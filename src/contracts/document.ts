import type { Locale } from './message.js';

/** Kinds of file that can become knowledge; detected from the content, not the name. */
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
  /** 0 to 1. */
  readonly progress: number;
  readonly chunks: number;
  /** Counts changes to the content, from 1. */
  readonly revision: number;
  readonly error?: { readonly code: string; readonly detail: string };
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The document it replaced, and the differences. */
  readonly replaced?: ReplacedDocument;
}

export interface ReplacedDocument {
  readonly id: string;
  readonly createdAt: Date;
  /** Passages only the new version has. */
  readonly added: number;
  /** Passages only the old version had. */
  readonly removed: number;
}

export interface Chunk {
  readonly id: string;
  readonly documentId: string;
  /** Position in the document, from 0. */
  readonly ordinal: number;
  /** Headings, outermost first. */
  readonly headings: readonly string[];
  readonly text: string;
}

export interface FaqEntry {
  readonly id: string;
  readonly question: string;
  /** Alternative wordings of the question. */
  readonly phrasings?: readonly string[];
  readonly answer: string;
  readonly locale: Locale;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** Where an answer is stored, so that it can be found again after it was offered as a choice. */
export type AnswerReference =
  | { readonly type: 'entry'; readonly id: string }
  /** A passage or a row: the chunk that contains it, and its position in the chunk. */
  | { readonly type: 'passage'; readonly chunkId: string; readonly unit: number };

/** The rows of a long list that have not been shown yet. */
export interface RestOfList {
  readonly type: 'rest';
  /** The question that asks for the list. */
  readonly question: string;
  /** How many rows come before. */
  readonly from: number;
  readonly count: number;
}
