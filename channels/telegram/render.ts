import { renderMarkdown, type MarkdownSyntax } from '../../src/lib/render-markdown.js';

/** Longest text of one message, counted without its formatting. */
export const TEXT_LIMIT = 4096;

/** Link schemes Telegram makes clickable. */
const LINK = /^(https?|tg|mailto|tel):/i;

/** Telegram nests neither quotes in quotes nor links in links. */
const SYNTAX: MarkdownSyntax = {
  text: escapeHtml,
  strong: (content) => tag('b', content),
  emphasis: (content) => tag('i', content),
  strike: (content) => tag('s', content),
  code: (value) => tag('code', escapeHtml(value)),
  block: codeBlock,
  link: ({ url, label, isInLink }) =>
    isInLink || label === '' || !LINK.test(url) ? label : `<a href="${escapeHtml(url)}">${label}</a>`,
  heading: (content) => tag('b', content),
  quote: (content, isInQuote) => (isInQuote ? content : tag('blockquote', content)),
  betweenQuoted: '\n\n',
  item: (content, number) => `${number === undefined ? '•' : `${number}.`} ${indent(content)}`,
};

export interface RenderedHtml {
  /** For `parse_mode: HTML`; well formed for any input. */
  readonly html: string;
  /** UTF-16 code units people will see. */
  readonly length: number;
}

/** Renders our Markdown (CommonMark with GFM) for Telegram. */
export function renderHtml(markdown: string): RenderedHtml {
  const html = renderMarkdown(markdown, SYNTAX);
  return { html, length: visibleLength(html) };
}

/** The text of the HTML we make: it knows four entities and no attribute with a `>` in it. */
function visibleLength(html: string): number {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|amp|quot);/g, '&')
    .trim().length;
}

function tag(name: string, content: string): string {
  return content === '' ? '' : `<${name}>${content}</${name}>`;
}

function codeBlock(value: string, language: string | null | undefined): string {
  if (!language) return tag('pre', escapeHtml(value));
  return tag('pre', `<code class="language-${escapeHtml(language)}">${escapeHtml(value)}</code>`);
}

/** Lines after the first of a list item stand under its text; code stays as it is, to be copied. */
function indent(html: string): string {
  return html
    .split(/(<pre>.*?<\/pre>)/s)
    .map((piece) => (piece.startsWith('<pre>') ? piece : piece.replaceAll('\n', '\n   ')))
    .join('');
}

/** The only four entities Telegram knows by name. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
