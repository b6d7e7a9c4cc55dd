import type { DocumentKind } from '../../contracts/knowledge.js';
import type { Locale } from '../../contracts/message.js';

/** Text under one path of headings. */
export interface ParsedSection {
  /** From the outermost inwards. */
  readonly headings: readonly string[];
  /** Paragraphs are separated by an empty line; list items and table rows have one line each. */
  readonly text: string;
  /** Page of a PDF, from 1. */
  readonly page?: number;
}

/** The content of a file, whatever its format. Has at least one section with text. */
export interface ParsedDocument {
  readonly kind: DocumentKind;
  /** The title the file gives itself, e.g. in the front matter of Markdown. */
  readonly title?: string;
  /** `undefined` if it is not one of ours, or uncertain. */
  readonly locale?: Locale;
  /** In a table, each row is a section. */
  readonly sections: readonly ParsedSection[];
  /** The links of a web page, relative to its `base` if it has one. */
  readonly links?: readonly string[];
}
