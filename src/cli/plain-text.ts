import { renderMarkdown, type MarkdownSyntax } from '../lib/text/render-markdown.js';

const same = (content: string): string => content;

const SYNTAX: MarkdownSyntax = {
  text: same,
  strong: same,
  emphasis: same,
  strike: same,
  code: same,
  block: same,
  link: ({ url, label }) => label || url,
  heading: same,
  quote: same,
  betweenQuoted: '\n',
  item: (content, number) => `${number === undefined ? '-' : `${number}.`} ${content}`,
};

/** Word joiners keep a chat from making links of names. */
const WORD_JOINERS = /\u2060/g;

/** A text for chats as a terminal shows it, without marks and escapes. */
export function plainText(markdown: string): string {
  return renderMarkdown(markdown, SYNTAX).replace(WORD_JOINERS, '');
}
