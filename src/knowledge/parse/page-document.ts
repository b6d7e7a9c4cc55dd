import type { HtmlNode } from './html-sections.js';

/** The part of a page's document used here; the library's own types need those of a browser. */
export interface PageDocument extends HtmlNode {
  querySelector(selector: string): { readonly textContent: string | null } | null;
  querySelectorAll(selector: string): Iterable<{ remove(): void; getAttribute(name: string): string | null }>;
  toString(): string;
}

/** Parses HTML as a browser does, without running anything in it. */
export async function openPage(html: string): Promise<PageDocument> {
  const { parseHTML } = (await import('linkedom')) as unknown as {
    parseHTML(source: string): { readonly document: PageDocument };
  };
  return parseHTML(html).document;
}
