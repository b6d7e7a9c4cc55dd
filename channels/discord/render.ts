import { cleanText } from '../../src/lib/text/clean-text.js';
import {
  renderMarkdown as render,
  type MarkdownSyntax,
  type RenderedLink,
} from '../../src/lib/text/render-markdown.js';
import { splitText } from '../../src/lib/text/split-text.js';

/**
 * Longest text of one message, as Discord counts it: including formatting and with mentions in their written
 * form.
 */
export const TEXT_LIMIT = 2_000;

/** Depth of the smallest heading Discord has; deeper ones become bold text. */
const MAX_HEADING = 3;

/** How full to fill each part, because formatting is not spread evenly over a text. */
const PART_FILLED = 0.9;

const SYNTAX: MarkdownSyntax = {
  text: escapeText,
  strong: (content) => around('**', content),
  emphasis: (content) => around('*', content),
  strike: (content) => around('~~', content),
  code: inlineCode,
  block: codeBlock,
  link,
  heading: (content, depth) =>
    depth <= MAX_HEADING && content !== '' ? `${'#'.repeat(depth)} ${content}` : around('**', content),
  quote: (content) => content.replace(/^/gm, '> '),
  betweenQuoted: '\n',
  item(content, number) {
    const marker = number === undefined ? '- ' : `${number}. `;
    return marker + content.replaceAll('\n', `\n${' '.repeat(marker.length)}`);
  },
};

/**
 * Renders our Markdown (CommonMark with GFM) as Discord messages, each within the limit. Escaping lengthens a
 * text, so one that fitted may become two.
 */
export function renderMessages(markdown: string, tries = 1): readonly string[] {
  const rendered = renderMarkdown(markdown);
  if (rendered.length <= TEXT_LIMIT) return rendered === '' ? [] : [rendered];
  // Splits the source, assuming that each part grows as the whole did; a part that still does not fit is
  // split as rendered.
  const size = Math.floor((markdown.length * TEXT_LIMIT * PART_FILLED) / rendered.length);
  if (tries === 0 || size < 100) return splitText(rendered, TEXT_LIMIT);
  return splitText(markdown, size).flatMap((part) => renderMessages(part, tries - 1));
}

/** Renders one text of any length. Never empty if the source has something to show. */
export function renderMarkdown(markdown: string): string {
  const rendered = render(markdown, SYNTAX);
  return rendered === '' ? escapeText(cleanText(markdown).trim()) : rendered;
}

function around(mark: string, content: string): string {
  return content.trim() === '' ? content : `${mark}${content}${mark}`;
}

/** Discord ends code at the next run of backticks like the opening one, wherever it is. */
function inlineCode(value: string): string {
  if (!value.includes('`')) return value === '' ? '' : `\`${value}\``;
  return `\`\` ${value.replace(/``+/g, (run) => run.split('').join('\u200b'))} \`\``;
}

function codeBlock(value: string, language: string | null | undefined): string {
  const tag = /^[\w+#-]{1,30}$/.test(language ?? '') ? (language ?? '') : '';
  return `\`\`\`${tag}\n${value.replaceAll('```', '`\u200b`\u200b`')}\n\`\`\``;
}

/**
 * A bare URL is left as it is, because Discord links it. Discord links only http(s), and not if the label
 * contains a URL.
 */
function link({ url, label, written, isInLink }: RenderedLink): string {
  if (written !== undefined && [url, url.replace(/^(?:http:\/\/|mailto:)/, '')].includes(written))
    return written;
  if (isInLink || label.trim() === '' || !URL.canParse(url)) return label;
  const target = url
    .replace(/[()<>\s]/g, encodeURIComponent)
    .replaceAll('(', '%28')
    .replaceAll(')', '%29');
  if (!/^https?:/i.test(url)) return `${label} (${escapeText(url.replace(/^(mailto|tel):/i, ''))})`;
  return /https?:\/\//i.test(label) ? `${label} (${target})` : `[${label}](${target})`;
}

/** Escapes a text so that nothing in it formats, mentions, links or hides. */
export function escapeText(text: string): string {
  return (
    text
      .replace(/[\\*~`]/g, '\\$&')
      // An underscore inside a word formats nothing.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      .replace(/\|\|/g, '\\|\\|')
      // Discord's own syntax: mentions, channels, emoji, times, commands.
      .replace(/<(?=[@#:/]|a:|t:|id:)/g, '\\<')
      .replace(/\](?=\()/g, '\\]')
      .replace(/^(\s*)(#{1,3}|-#|>{1,3}|[-+])(?=\s)/gm, '$1\\$2')
      .replace(/^(\s*\d{1,9})([.)])(?=\s)/gm, '$1\\$2')
  );
}
