import type { Definition, List, ListItem, Nodes, Parents, PhrasingContent, Root } from 'mdast';
import { cleanText } from '../../src/lib/clean-text.js';
import { parseMarkdown } from '../../src/lib/parse-markdown.js';
import { renderTable } from '../../src/lib/render-table.js';
import { splitText } from '../../src/lib/split-text.js';

/** Longest text of one message, as Discord counts it: with its formatting, and mentions as they are written. */
export const TEXT_LIMIT = 2_000;

/** Nobody writes deeper than this; attacks do, and recursion has a floor. */
const MAX_DEPTH = 50;

/** Discord's largest headings; smaller ones are bold text. */
const MAX_HEADING = 3;

/** Formatting is not spread evenly over a text. */
const PART_FILLED = 0.9;

/** What a node is rendered in. */
interface Place {
  readonly source: string;
  readonly definitions: ReadonlyMap<string, string>;
  readonly depth: number;
  readonly inLink: boolean;
}

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
  const source = cleanText(markdown.replace(/\r\n?/g, '\n'));
  const root = parseMarkdown(source);
  const place = { source, definitions: definitionsOf(root), depth: 0, inLink: false };
  const rendered = renderBlocks(root, place).trim();
  return rendered === '' ? escapeText(source.trim()) : rendered;
}

function renderBlocks(parent: Parents, place: Place, separator = '\n\n'): string {
  return parent.children
    .map((child) => render(child, place))
    .filter((text) => text.trim() !== '')
    .join(separator);
}

function renderInline(nodes: readonly PhrasingContent[], place: Place): string {
  return nodes.map((node) => render(node, place)).join('');
}

function render(node: Nodes, outer: Place): string {
  const place = { ...outer, depth: outer.depth + 1 };
  if (place.depth > MAX_DEPTH) return escapeText(sourceOf(node, place));
  switch (node.type) {
    case 'text':
      return escapeText(node.value);
    case 'strong':
      return around('**', renderInline(node.children, place));
    case 'emphasis':
      return around('*', renderInline(node.children, place));
    case 'delete':
      return around('~~', renderInline(node.children, place));
    case 'inlineCode':
      return inlineCode(node.value);
    case 'code':
      return codeBlock(node.value, node.lang);
    case 'link':
      return link(node.url, node.children, place, outer);
    case 'linkReference':
      return link(place.definitions.get(node.identifier) ?? '', node.children, place, outer);
    case 'image':
      return masked(node.url, escapeText(node.alt || node.url), outer);
    case 'imageReference':
      return masked(
        place.definitions.get(node.identifier) ?? '',
        escapeText(node.alt || node.label || ''),
        outer,
      );
    case 'break':
      return '\n';
    case 'paragraph':
      return renderInline(node.children, place);
    case 'heading': {
      const text = renderInline(node.children, place);
      return node.depth <= MAX_HEADING && text !== ''
        ? `${'#'.repeat(node.depth)} ${text}`
        : around('**', text);
    }
    case 'blockquote':
      return renderBlocks(node, place, '\n').replace(/^/gm, '> ');
    case 'list':
      return list(node, place);
    case 'listItem':
      return listItem(node, place);
    case 'table':
      return codeBlock(renderTable(node), undefined);
    case 'tableRow':
    case 'tableCell':
      return renderBlocks(node, place, ' ');
    case 'thematicBreak':
      return '———';
    case 'footnoteReference':
      return escapeText(`[${node.label ?? node.identifier}]`);
    case 'footnoteDefinition':
      return `${escapeText(`[${node.label ?? node.identifier}]`)} ${renderBlocks(node, place, '\n')}`;
    case 'definition':
    case 'yaml':
      return '';
    case 'html':
      return escapeText(node.value);
    case 'root':
      return renderBlocks(node, place);
    default:
      return node satisfies never;
  }
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

function list(node: List, place: Place): string {
  const first = node.start ?? 1;
  return node.children
    .map((item, index) => {
      const marker = node.ordered ? `${first + index}. ` : '- ';
      return marker + render(item, place).replaceAll('\n', `\n${' '.repeat(marker.length)}`);
    })
    .join('\n');
}

function listItem(node: ListItem, place: Place): string {
  const box = node.checked === true ? '☑ ' : node.checked === false ? '☐ ' : '';
  return box + renderBlocks(node, place, '\n');
}

/** An address that stands for itself is left to Discord, which makes it a link. */
function link(url: string, children: readonly PhrasingContent[], place: Place, outer: Place): string {
  const [only] = children;
  const bare = children.length === 1 && only?.type === 'text' ? only.value : undefined;
  if (bare !== undefined && (bare === url || `http://${bare}` === url || `mailto:${bare}` === url))
    return bare;
  return masked(url, renderInline(children, { ...place, inLink: true }), outer);
}

/** Discord makes links of http(s) only, and of no text that has a link in it. */
function masked(url: string, label: string, { inLink }: Place): string {
  if (inLink || label.trim() === '' || !URL.canParse(url)) return label;
  const target = url
    .replace(/[()<>\s]/g, encodeURIComponent)
    .replaceAll('(', '%28')
    .replaceAll(')', '%29');
  if (!/^https?:/i.test(url)) return `${label} (${escapeText(url.replace(/^(mailto|tel):/i, ''))})`;
  return /https?:\/\//i.test(label) ? `${label} (${target})` : `[${label}](${target})`;
}

function definitionsOf(root: Root): ReadonlyMap<string, string> {
  const found = root.children.filter((node): node is Definition => node.type === 'definition');
  return new Map(found.map((node) => [node.identifier, node.url]));
}

function sourceOf(node: Nodes, { source }: Place): string {
  return source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
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
