import { KnowledgeError } from '../../contracts/knowledge.js';
import type { DocumentKind } from '../../contracts/knowledge.js';
import { decodeText, withoutControls } from '../../lib/text/decode-text.js';
import { detectLocale } from './detect-locale.js';
import type { ParsedDocument, ParsedSection } from './parsed-document.js';
import { parseDocx } from './parse-docx.js';
import { parseHtml } from './parse-html.js';
import { parseJson } from './parse-json.js';
import { parseMarkdown } from './parse-markdown.js';
import { parsePdf } from './parse-pdf.js';
import type { ParseLimits } from './parse-limits.js';
import { parsePlainText } from './parse-plain-text.js';
import { parseTable } from './parse-table.js';
import { parseXlsx } from './parse-xlsx.js';
import { sniffKind } from './sniff-kind.js';
import { zipDirectory } from './zip-directory.js';

/** Kinds that are read from a string in one step. */
export type TextKind = Exclude<DocumentKind, 'pdf' | 'docx' | 'xlsx' | 'html'>;
type Content = Pick<ParsedDocument, 'title' | 'sections' | 'links'>;

/** Enough text of a document to detect its language. */
const LOCALE_SAMPLE_CHARS = 8000;

/**
 * Reads a file in the current process and may block it, so it runs in the child of `createFileParser`.
 * @throws KnowledgeError
 */
export async function parseBytes(
  bytes: Uint8Array,
  fileName: string,
  limits: ParseLimits,
): Promise<ParsedDocument> {
  const kind = await sniffKind(bytes, fileName);
  return describe(kind, await contentOf(bytes, kind, limits), limits);
}

async function contentOf(bytes: Uint8Array, kind: DocumentKind, limits: ParseLimits): Promise<Content> {
  switch (kind) {
    case 'pdf':
      return parsePdf(bytes, limits);
    case 'docx':
      refuseBombs(bytes, limits);
      return parseDocx(bytes);
    case 'xlsx':
      refuseBombs(bytes, limits);
      return parseXlsx(bytes, limits);
    case 'html':
      return parseHtml(decoded(bytes, limits));
    default:
      return parseText(decoded(bytes, limits), kind, limits);
  }
}

/**
 * Refuses archives that admit to being bombs, at no cost; those that lie are stopped by the child's limits.
 */
function refuseBombs(bytes: Uint8Array, limits: ParseLimits): void {
  const unpacked = zipDirectory(bytes).reduce((sum, { size }) => sum + size, 0);
  if (unpacked > limits.unpackedBytes) {
    throw new KnowledgeError('too-large', `The file unpacks to more than ${limits.unpackedBytes} bytes.`);
  }
}

/** Reads text that needs no decoding, in this process. Markdown takes time quadratic in its nesting. */
export async function parseString(
  text: string,
  kind: TextKind,
  limits: ParseLimits,
): Promise<ParsedDocument> {
  return describe(kind, parseText(withoutControls(text), kind, limits), limits);
}

function decoded(bytes: Uint8Array, limits: ParseLimits): string {
  // No encoding uses more than four bytes per character, and decoding is not free.
  if (bytes.length > limits.outputChars * 4) throw tooLong(limits);
  return withoutControls(decodeText(bytes)).replace(/^\uFEFF/, '');
}

function parseText(text: string, kind: TextKind, limits: ParseLimits): Content {
  if (text.length > limits.outputChars) throw tooLong(limits);
  switch (kind) {
    case 'text':
      return { sections: parsePlainText(text) };
    case 'markdown':
      return parseMarkdown(text);
    case 'csv':
      return { sections: parseTable(text, limits) };
    case 'tsv':
      return { sections: parseTable(text, limits, '\t') };
    case 'json':
      return { sections: parseJson(text) };
    default:
      return kind satisfies never;
  }
}

async function describe(kind: DocumentKind, content: Content, limits: ParseLimits): Promise<ParsedDocument> {
  const sections = content.sections.filter((section) => section.text.trim() !== '');
  if (sections.length === 0) throw new KnowledgeError('no-text', 'There is no text in it.');
  // A table names its columns in every row, so the output can be longer than the input.
  const chars = sections.reduce((sum, section) => sum + section.text.length, 0);
  if (chars > limits.outputChars) throw tooLong(limits);
  const locale = await detectLocale(localeSample(sections));
  return {
    kind,
    ...(content.title === undefined ? {} : { title: content.title }),
    ...(locale === undefined ? {} : { locale }),
    sections,
    ...(content.links === undefined ? {} : { links: content.links }),
  };
}

function localeSample(sections: readonly ParsedSection[]): string {
  let sample = '';
  for (const section of sections) {
    sample += `${section.text}\n`;
    if (sample.length >= LOCALE_SAMPLE_CHARS) break;
  }
  return sample;
}

function tooLong(limits: ParseLimits): KnowledgeError {
  return new KnowledgeError('too-large', `The text is longer than ${limits.outputChars} characters.`);
}
