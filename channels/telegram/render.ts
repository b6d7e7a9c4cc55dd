import { renderMarkdown, type MarkdownSyntax } from '../../src/lib/text/render-markdown.js';

/** Longest text of one message, not counting its formatting. */
export const TEXT_LIMIT = 4096;

/** Link schemes Telegram makes clickable. */
const LINK = /^(https?|tg|mailto|tel):/i;

/** Telegram allows neither quotes within quotes nor links within links. */
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
  /** UTF-16 code units visible to people. */
  readonly length: number;
}

/** Renders our Markdown (CommonMark with GFM) for Telegram. */
export function renderHtml(markdown: string): RenderedHtml {
  const html = renderMarkdown(markdown, SYNTAX);
  return { html, length: visibleLength(html) };
}

/**
 * Length of the visible text of our own HTML, which uses only four entities and no attribute containing `>`.
 */
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

/**
 * Indents the later lines of a list item to align with its text; code stays unchanged, so that it can be
 * copied.
 */
function indent(html: string): string {
  return html
    .split(/(<pre>.*?<\/pre>)/s)
    .map((piece) => (piece.startsWith('<pre>') ? piece : piece.replaceAll('\n', '\n   ')))
    .join('');
}

/** Escapes the only four characters for which Telegram knows named entities. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
