import type { DocumentKind } from '../../contracts/knowledge.js';
import type { Locale } from '../../contracts/message.js';

/** A run of text under one path of headings. */
export interface ParsedSection {
  /** From the outermost inwards. */
  readonly headings: readonly string[];
  /** Paragraphs are separated by an empty line; list items and table rows have a line each. */
  readonly text: string;
  /** Page of a PDF, from 1. */
  readonly page?: number;
}

/** What a file says, whatever it was written in. Has at least one section with text. */
export interface ParsedDocument {
  readonly kind: DocumentKind;
  /** As the file itself names it, e.g. the front matter of Markdown. */
  readonly title?: string;
  /** `undefined` when it is none of ours, or unsure. */
  readonly locale?: Locale;
  /** Of a table each row is a section. */
  readonly sections: readonly ParsedSection[];
  /** Where a web page leads, relative to its `base` where it names one. */
  readonly links?: readonly string[];
}
