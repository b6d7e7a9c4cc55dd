import { cleanText } from '../../src/lib/clean-text.js';
import {
  renderMarkdown as render,
  type MarkdownSyntax,
  type RenderedLink,
} from '../../src/lib/render-markdown.js';
import { splitText } from '../../src/lib/split-text.js';

/** Longest text of one message, as Discord counts it: with its formatting, and mentions as they are written. */
export const TEXT_LIMIT = 2_000;

/** Discord's largest headings; smaller ones are bold text. */
const MAX_HEADING = 3;

/** Formatting is not spread evenly over a text. */
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
 * Our Markdown (CommonMark with GFM) as messages for Discord, each within its limit. Escaping makes a
 * text longer than it was, so one that fitted may become two.
 */
export function renderMessages(markdown: string, tries = 1): readonly string[] {
  const whole = renderMarkdown(markdown);
  if (whole.length <= TEXT_LIMIT) return whole === '' ? [] : [whole];
  // In parts that grow as the whole did, each fits; where one does not, it is cut as it is.
  const size = Math.floor((markdown.length * TEXT_LIMIT * PART_FILLED) / whole.length);
  if (tries === 0 || size < 100) return splitText(whole, TEXT_LIMIT);
  return splitText(markdown, size).flatMap((part) => renderMessages(part, tries - 1));
}

/** One text, however long. Never empty when there is something to see in the source. */
export function renderMarkdown(markdown: string): string {
  const rendered = render(markdown, SYNTAX);
  return rendered === '' ? escapeText(cleanText(markdown).trim()) : rendered;
}

function around(mark: string, content: string): string {
  return content.trim() === '' ? content : `${mark}${content}${mark}`;
}

/** Discord ends code at the first mark like the one that opened it, wherever that stands. */
function inlineCode(value: string): string {
  if (!value.includes('`')) return value === '' ? '' : `\`${value}\``;
  return `\`\` ${value.replace(/``+/g, (run) => run.split('').join('\u200b'))} \`\``;
}

function codeBlock(value: string, language: string | null | undefined): string {
  const tag = /^[\w+#-]{1,30}$/.test(language ?? '') ? (language ?? '') : '';
  return `\`\`\`${tag}\n${value.replaceAll('```', '`\u200b`\u200b`')}\n\`\`\``;
}

/**
 * An address that stands for itself is left to Discord, which makes it a link. It makes links of
 * http(s) only, and of no text that has a link in it.
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

/** Shows a text as it is: nothing in it formats, mentions, links or hides. */
export function escapeText(text: string): string {
  return (
    text
      .replace(/[\\*~`]/g, '\\$&')
      // Inside a word an underscore formats nothing.
      .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
      .replace(/\|\|/g, '\\|\\|')
      // Mentions, channels, emoji, times, commands: Discord's own syntax.
      .replace(/<(?=[@#:/]|a:|t:|id:)/g, '\\<')
      .replace(/\](?=\()/g, '\\]')
      .replace(/^(\s*)(#{1,3}|-#|>{1,3}|[-+])(?=\s)/gm, '$1\\$2')
      .replace(/^(\s*\d{1,9})([.)])(?=\s)/gm, '$1\\$2')
  );
}
