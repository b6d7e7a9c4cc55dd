import type { PDFParse } from 'pdf-parse';
import type { PdfItem } from './pdf-lines.js';

/** The part of pdf.js's page used here. */
interface Page {
  getViewport(options: { readonly scale: number }): {
    convertToViewportPoint(x: number, y: number): readonly number[];
  };
  getTextContent(options: { readonly includeMarkedContent: boolean }): Promise<{
    readonly items: readonly TextItem[];
  }>;
  cleanup(): void;
}

interface TextItem {
  readonly str?: string;
  /** Maps the text to the page: the first two numbers are its direction, the last two where it begins. */
  readonly transform: readonly number[];
  readonly width: number;
  readonly height: number;
}

/** Symbol fonts have their bullets at these codes. */
const BULLETS = /[\uF0A7\uF0A8\uF0B7\uF0D8\uF0FC\uF076]/gu;
/** Codes that stand for no letter; a font that does not say which letters it draws uses them. */
const NO_LETTERS = /[\p{Co}\p{Cn}\uFFFD]|[^\P{Cc}\t\n\r]/gu;

export interface PageItems {
  readonly items: readonly PdfItem[];
  /** Characters drawn, without spaces. */
  readonly signs: number;
  /** Those that the file does not map to letters. */
  readonly unknown: number;
}

/** The runs of letters on a page, with their positions. */
export async function pageItems(pdf: PDFParse, number: number): Promise<PageItems> {
  // The library opens the document for itself only and reports no positions for the text it reads.
  const { getPage } = await openDocument(pdf);
  const page = await getPage(number);
  const { items: textItems } = await page.getTextContent({ includeMarkedContent: false });
  const viewport = page.getViewport({ scale: 1 });
  const items: PdfItem[] = [];
  let signs = 0;
  let unknown = 0;
  for (const item of textItems) {
    const text = (item.str ?? '').replace(BULLETS, '•');
    signs += text.replace(/\s/gu, '').length;
    const strange = text.match(NO_LETTERS)?.length ?? 0;
    unknown += strange;
    if (text === '') continue;
    items.push(placed(strange === 0 ? text : text.replace(NO_LETTERS, ' '), item, viewport));
  }
  page.cleanup();
  return { items, signs, unknown };
}

async function openDocument(pdf: PDFParse): Promise<{ getPage(number: number): Promise<Page> }> {
  const { load } = pdf as unknown as { load(): Promise<{ getPage(number: number): Promise<Page> }> };
  const document = await load.call(pdf);
  return { getPage: (number) => document.getPage(number) };
}

function placed(
  text: string,
  { transform, width, height }: TextItem,
  viewport: ReturnType<Page['getViewport']>,
): PdfItem {
  const [along = 1, up = 0, , , x = 0, y = 0] = transform;
  const length = Math.hypot(along, up) || 1;
  const [left = 0, top = 0] = viewport.convertToViewportPoint(x, y);
  const [right = 0] = viewport.convertToViewportPoint(
    x + (along / length) * width,
    y + (up / length) * width,
  );
  return { text, left: Math.min(left, right), right: Math.max(left, right), top, height: height || length };
}
