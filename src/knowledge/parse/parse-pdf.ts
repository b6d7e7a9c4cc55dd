import { z } from 'zod';
import { KnowledgeError } from '../../contracts/knowledge.js';
import type { ParsedSection } from './parsed-document.js';
import { withoutControls } from '../../lib/text/decode-text.js';
import { pageItems } from './pdf-items.js';
import { pdfLines } from './pdf-lines.js';
import { completeParagraph, endsMidSentence, headingKey, pdfPageBlocks } from './pdf-page-blocks.js';
import { TableReader, type PageLine } from './pdf-tables.js';

export interface PdfLimits {
  readonly pages: number;
  readonly outputChars: number;
}

export interface ParsedPdf {
  readonly title?: string;
  readonly sections: readonly ParsedSection[];
}

/** If more than this part of the characters maps to no letter, the remaining text makes no sense. */
const MOST_UNKNOWN = 0.3;

/**
 * Text of a PDF, page by page, with headings if the outline or the appearance of a line reveals them. Fonts
 * are not rendered and scripts in the file never run.
 * @throws KnowledgeError `unreadable`, `too-large`, `no-text`
 */
export async function parsePdf(bytes: Uint8Array, limits: PdfLimits): Promise<ParsedPdf> {
  provideDomMatrix();
  const { PDFParse } = await import('pdf-parse');
  const pdf = new PDFParse({ data: bytes, isEvalSupported: false, useSystemFonts: false, verbosity: 0 });
  try {
    const info = infoSchema.parse(await pdf.getInfo());
    if (info.total > limits.pages) {
      throw tooLarge(`The PDF has ${info.total} pages; at most ${limits.pages} are read.`);
    }
    const collector = new SectionCollector(outlineTitles(info.outline));
    const tables = new TableReader();
    let signs = 0;
    let unknown = 0;
    for (let page = 1; page <= info.total; page += 1) {
      const read = await pageItems(pdf, page);
      signs += read.signs;
      unknown += read.unknown;
      if (signs > limits.outputChars) {
        throw tooLarge(`The text of the PDF is longer than ${limits.outputChars} characters.`);
      }
      collector.addPage(tables.read(pdfLines(read.items)), page);
    }
    if (unknown > signs * MOST_UNKNOWN) {
      throw new KnowledgeError(
        'no-text',
        'The fonts of the PDF do not say which letters they draw, so its text cannot be read. ' +
          'Save it again from the program that made it, or upload the original.',
      );
    }
    const sections = collector.finish();
    if (sections.length === 0) {
      throw new KnowledgeError(
        'no-text',
        'The PDF has no text: its pages are scanned pictures, which cannot be read. Recognise the text (OCR) first.',
      );
    }
    const title = withoutControls(info.title).trim();
    return title === '' ? { sections } : { title, sections };
  } catch (error) {
    throw error instanceof KnowledgeError ? error : pdfError(error);
  } finally {
    await pdf.destroy();
  }
}

interface OutlineItem {
  readonly title: string;
  readonly items: readonly OutlineItem[];
}

const outlineItemSchema: z.ZodType<OutlineItem> = z.object({
  title: z.string().catch(''),
  items: z.lazy(() => z.array(outlineItemSchema)).catch([]),
});

const infoSchema = z
  .object({
    total: z.int(),
    info: z.object({ Title: z.string().catch('') }).catch({ Title: '' }),
    outline: z.array(outlineItemSchema).catch([]),
  })
  .transform(({ total, info, outline }) => ({ total, outline, title: info.Title }));

function outlineTitles(items: readonly OutlineItem[]): Set<string> {
  const titles = new Set<string>();
  const rest = [...items];
  for (let item = rest.pop(); item; item = rest.pop()) {
    titles.add(headingKey(item.title));
    rest.push(...item.items);
  }
  titles.delete('');
  return titles;
}

/** Turns the blocks of pages into sections; a heading stays in effect across pages. */
class SectionCollector {
  private readonly sections: ParsedSection[] = [];
  private heading: { readonly text: string; readonly page: number } | undefined;
  private headingUsed = true;
  private isMidSentence = false;

  constructor(private readonly outline: ReadonlySet<string>) {}

  addPage(pageLines: readonly PageLine[], page: number): void {
    const lines = this.isMidSentence ? this.completeLast(pageLines) : pageLines;
    this.isMidSentence = endsMidSentence(lines);
    for (const block of pdfPageBlocks(lines, this.outline)) {
      if (block.type === 'heading') {
        this.keepBareHeading();
        this.heading = { text: block.text, page };
        this.headingUsed = false;
        continue;
      }
      this.sections.push({ headings: this.heading ? [this.heading.text] : [], text: block.text, page });
      this.headingUsed = true;
    }
  }

  /** Moves the rest of an interrupted paragraph to the page it began on, so that it can be quoted as a whole. */
  private completeLast(lines: readonly PageLine[]): readonly PageLine[] {
    const section = this.sections.at(-1);
    if (section === undefined || !this.headingUsed) return lines;
    const { text, rest } = completeParagraph(section.text, lines);
    this.sections.splice(-1, 1, { ...section, text });
    return rest;
  }

  finish(): ParsedSection[] {
    this.keepBareHeading();
    return this.sections;
  }

  /** Keeps a heading with nothing under it as text; otherwise it would be lost. */
  private keepBareHeading(): void {
    if (!this.heading || this.headingUsed) return;
    this.sections.push({ headings: [], text: this.heading.text, page: this.heading.page });
  }
}

/** Decides by the names of pdf.js's exceptions, which pdf-parse keeps when it wraps them. */
function pdfError(error: unknown): KnowledgeError {
  const name = error instanceof Error ? error.name : '';
  const detail =
    name === 'PasswordException'
      ? 'The PDF is encrypted; remove the password first.'
      : 'The PDF is damaged and cannot be read.';
  return new KnowledgeError('unreadable', detail, { cause: error });
}

function tooLarge(detail: string): KnowledgeError {
  return new KnowledgeError('too-large', detail);
}

/**
 * pdf.js creates one matrix while loading and otherwise needs the class only for drawing, for which it would
 * load a native canvas. Reading text needs neither.
 */
function provideDomMatrix(): void {
  if ('DOMMatrix' in globalThis) return;
  Object.defineProperty(globalThis, 'DOMMatrix', { value: class DOMMatrix {} });
}
