import type { ParsedDocument } from './parsed-document.js';
import { htmlSections, type HtmlNode } from './html-sections.js';
import { openPage, type PageDocument } from './page-document.js';

/** The article is used if it holds at least this part of the page's text; the rest is menus. */
const ARTICLE_PART = 0.4;
const MOST_LINKS = 2000;
const LONGEST_LINK = 2000;

/**
 * A page without what surrounds its text: menus, footers, forms. Scripts never run. Recursive: a page nested
 * too deeply for the stack counts as damaged.
 */
export async function parseHtml(
  source: string,
): Promise<Pick<ParsedDocument, 'title' | 'sections' | 'links'>> {
  const document = await openPage(asPage(source));
  const title = (document.querySelector('title')?.textContent ?? '').replace(/\s+/g, ' ').trim();
  const links = linksOf(document);
  for (const frame of document.querySelectorAll('nav, body > header, body > footer, [role=navigation]')) {
    frame.remove();
  }
  const pageSections = htmlSections(document);
  const copy = await openPage(document.toString());
  const { Reader } = await readerOf();
  const article = new Reader(copy, { serializer: (node) => node }).parse();
  const articleSections = article?.content ? htmlSections(article.content) : [];
  const isArticle = charsOf(articleSections) >= charsOf(pageSections) * ARTICLE_PART;
  const sections = isArticle ? articleSections : pageSections;
  return title === '' ? { sections, links } : { title, sections, links };
}

/** The links of a page, menus included, each once; none if the page asks for its links not to be followed. */
function linksOf(document: PageDocument): readonly string[] {
  const [robots] = document.querySelectorAll('meta[name=robots i]');
  if (/nofollow|none/i.test(robots?.getAttribute('content') ?? '')) return [];
  const [base] = document.querySelectorAll('base[href]');
  const root = base?.getAttribute('href') ?? '';
  const links = new Set<string>();
  for (const anchor of document.querySelectorAll('a[href], area[href]')) {
    const href = anchor.getAttribute('href')?.trim() ?? '';
    if (href === '' || href.length > LONGEST_LINK || /nofollow/i.test(anchor.getAttribute('rel') ?? ''))
      continue;
    links.add(URL.canParse(href, root) ? new URL(href, root).href : href);
    if (links.size === MOST_LINKS) break;
  }
  return [...links];
}

/** The part of Readability used here, because its own types need those of a browser. */
async function readerOf() {
  const { Readability } = (await import('@mozilla/readability')) as unknown as {
    Readability: new (
      page: HtmlNode,
      options: { serializer(node: HtmlNode): HtmlNode },
    ) => { parse(): { readonly content?: HtmlNode | null } | null };
  };
  return { Reader: Readability };
}

/** Puts a fragment into a body; otherwise it would not be part of the page. */
function asPage(source: string): string {
  return /<(html|body)\b/i.test(source) ? source : `<!doctype html><html><body>${source}</body></html>`;
}

function charsOf(sections: ParsedDocument['sections']): number {
  return sections.reduce((sum, { text, headings }) => sum + text.length + headings.join('').length, 0);
}
