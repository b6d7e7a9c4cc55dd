import type { HtmlNode } from './html-sections.js';

/** As much of a page's document as is read here; the library's own types need a browser's. */
export interface PageDocument extends HtmlNode {
  querySelector(selector: string): { readonly textContent: string | null } | null;
  querySelectorAll(selector: string): Iterable<{ remove(): void; getAttribute(name: string): string | null }>;
  toString(): string;
}

/** Reads HTML as a browser does, without running anything in it. */
export async function openPage(html: string): Promise<PageDocument> {
  const { parseHTML } = (await import('linkedom')) as unknown as {
    parseHTML(source: string): { readonly document: PageDocument };
  };
  return parseHTML(html).document;
}
