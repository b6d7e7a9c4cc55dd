import {
  renderMarkdown,
  type MarkdownSyntax,
  type RenderedLink,
} from '../../src/lib/text/render-markdown.js';

/** WhatsApp accepts more, but folds long messages behind "Read more". */
export const TEXT_LIMIT = 4096;

/** Zero-width space that separates a mark from the following word, so that it does not format. */
const NO_FORMAT = '\u200b';

/** WhatsApp's own formatting, which has no escaping. */
const SYNTAX: MarkdownSyntax = {
  text: plain,
  strong: (content) => marked('*', content),
  emphasis: (content) => marked('_', content),
  strike: (content) => marked('~', content),
  code: (value) => (value.includes('`') ? value : `\`${value}\``),
  block: codeBlock,
  link,
  heading: (content) => marked('*', content),
  quote,
  betweenQuoted: '\n',
  item: (content, number) =>
    `${number === undefined ? '-' : `${number}.`} ${content.replaceAll('\n', '\n   ')}`,
};

/** Renders our Markdown (CommonMark with GFM) for WhatsApp. */
export function renderText(markdown: string): string {
  return renderMarkdown(markdown, SYNTAX);
}

/** Formatting works only within one line and if the marks touch the text, so white space stays outside. */
function marked(mark: string, content: string): string {
  return content
    .split('\n')
    .map((line) => {
      const inner = line.trim();
      if (inner === '') return line;
      const start = line.indexOf(inner);
      return `${line.slice(0, start)}${mark}${inner}${mark}${line.slice(start + inner.length)}`;
    })
    .join('\n');
}

/** Prevents marks in the text itself, e.g. `*` in "*note", from starting formatting. */
function plain(text: string): string {
  return text
    .replace(/(^|[^\p{L}\p{N}])([*_~`])(?=\S)/gu, `$1$2${NO_FORMAT}`)
    .replace(/^(>|[-*]|\d+\.)(?= )/gmu, `${NO_FORMAT}$1`);
}

function codeBlock(value: string): string {
  return `\`\`\`${value.replaceAll('```', "'''")}\`\`\``;
}

function quote(content: string): string {
  return content
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
}

/** WhatsApp links only URLs that are written out in the text. */
function link({ url, label }: RenderedLink): string {
  const address = url.replace(/^(?:mailto|tel):/i, '');
  const text = label.replaceAll(NO_FORMAT, '');
  if (url === '' || label === '') return label || address;
  return text === url || text === address ? address : `${label} (${address})`;
}
