import type { Definition, Nodes, Parents, PhrasingContent, Root } from 'mdast';
import { cleanText } from '../../src/lib/clean-text.js';
import { parseMarkdown } from '../../src/lib/parse-markdown.js';
import { renderTable } from '../../src/lib/render-table.js';

/** Longest text of one message, counted without its formatting. */
export const TEXT_LIMIT = 4096;

/** No person nests deeper than this. Attacks do, and the stack is finite. */
const MAX_DEPTH = 50;

/** Link schemes Telegram makes clickable. */
const LINK = /^(https?|tg|mailto|tel):/i;

export interface RenderedHtml {
  /** For `parse_mode: HTML`; well formed for any input. */
  readonly html: string;
  /** UTF-16 code units people will see. */
  readonly length: number;
}

/** What a node is rendered in. */
interface Place {
  readonly source: string;
  readonly definitions: ReadonlyMap<string, string>;
  readonly depth: number;
  /** Telegram nests neither quotes in quotes nor links in links. */
  readonly inQuote: boolean;
  readonly inLink: boolean;
}

/** Renders our Markdown (CommonMark with GFM) for Telegram. */
export function renderHtml(markdown: string): RenderedHtml {
  const source = cleanText(markdown.replace(/\r\n?/g, '\n'));
  const root = parseMarkdown(source);
  const place = { source, definitions: definitionsOf(root), depth: 0, inQuote: false, inLink: false };
  const html = renderBlocks(root, place).trim();
  return { html, length: visibleLength(html) };
}

/** The text of the HTML we make: it knows four entities and no attribute with a `>` in it. */
function visibleLength(html: string): number {
  return html
    .replace(/<[^>]*>/g, '')
    .replace(/&(?:lt|gt|amp|quot);/g, '&')
    .trim().length;
}

function renderBlocks(parent: Parents, place: Place, separator = '\n\n'): string {
  return parent.children
    .map((child) => render(child, place))
    .filter((html) => html.trim() !== '')
    .join(separator);
}

function renderInline(nodes: readonly PhrasingContent[], place: Place): string {
  return nodes.map((node) => render(node, place)).join('');
}

function render(node: Nodes, outer: Place): string {
  const place = { ...outer, depth: outer.depth + 1 };
  if (place.depth > MAX_DEPTH) return escapeHtml(sourceOf(node, place));
  switch (node.type) {
    case 'text':
      return escapeHtml(node.value);
    case 'strong':
      return tag('b', renderInline(node.children, place));
    case 'emphasis':
      return isMultiplication(node, place)
        ? `*${renderInline(node.children, place)}*`
        : tag('i', renderInline(node.children, place));
    case 'delete':
      return tag('s', renderInline(node.children, place));
    case 'inlineCode':
      return tag('code', escapeHtml(node.value));
    case 'code':
      return codeBlock(node.value, node.lang);
    case 'link':
      return link(node.url, renderInline(node.children, { ...place, inLink: true }), outer);
    case 'linkReference': {
      const label = renderInline(node.children, { ...place, inLink: true });
      return link(place.definitions.get(node.identifier) ?? '', label, outer);
    }
    case 'image':
      return link(node.url, escapeHtml(node.alt || node.url), outer);
    case 'imageReference':
      return link(
        place.definitions.get(node.identifier) ?? '',
        escapeHtml(node.alt || node.label || ''),
        outer,
      );
    case 'break':
      return '\n';
    case 'paragraph':
      return renderInline(node.children, place);
    case 'heading':
      return tag('b', renderInline(node.children, place));
    case 'blockquote': {
      const content = renderBlocks(node, { ...place, inQuote: true });
      return outer.inQuote ? content : tag('blockquote', content);
    }
    case 'list': {
      const first = node.start ?? 1;
      const items = node.children.map((item, index) => {
        const marker = node.ordered ? `${writtenNumber(item, place) ?? first + index}.` : '•';
        return `${marker} ${render(item, place)}`;
      });
      return items.join('\n');
    }
    case 'listItem': {
      const box = node.checked === true ? '☑ ' : node.checked === false ? '☐ ' : '';
      return box + indent(renderBlocks(node, place, '\n'));
    }
    case 'table':
      return tag('pre', escapeHtml(renderTable(node)));
    case 'tableRow':
    case 'tableCell':
      return renderBlocks(node, place, ' ');
    case 'thematicBreak':
      return '———';
    case 'footnoteReference':
      return escapeHtml(`[${node.label ?? node.identifier}]`);
    case 'footnoteDefinition':
      return `${escapeHtml(`[${node.label ?? node.identifier}]`)} ${renderBlocks(node, place, '\n')}`;
    case 'definition':
    case 'yaml':
      return '';
    case 'html':
      return escapeHtml(withoutTags(node.value));
    case 'root':
      return renderBlocks(node, place);
    default:
      return node satisfies never;
  }
}

/** "60*90*2" is a calculation. */
function isMultiplication(node: Nodes, { source }: Place): boolean {
  const { start, end } = node.position ?? {};
  return (
    /\d/.test(source[(start?.offset ?? 0) - 1] ?? '') ||
    /[*]\d/.test(source.slice((end?.offset ?? 0) - 1, (end?.offset ?? 0) + 1))
  );
}

/** The number as it was written: "17." and "25." are not 17 and 18. */
function writtenNumber(item: Nodes, place: Place): string | undefined {
  return /^\d{1,9}(?=[.)])/.exec(sourceOf(item, place))?.[0];
}

/** HTML that models write for looks: what it stands for, without its tags. Anything else stays as it is. */
function withoutTags(html: string): string {
  return html
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<li\b[^>]*>\s*/gi, '• ')
    .replace(/<\/(?:td|th)>\s*(?=<t[dh]\b)/gi, ' | ')
    .replace(/<\/(?:p|li|tr|div|h[1-6]|table)>/gi, '\n')
    .replace(/<\/?(?:b|strong|i|em|u|s|p|ul|ol|li|table|thead|tbody|tr|td|th|div|span|h[1-6])\b[^<>]*>/gi, '')
    .replace(/[ \t]*\n\s*/g, '\n');
}

function tag(name: string, content: string): string {
  return content === '' ? '' : `<${name}>${content}</${name}>`;
}

function codeBlock(value: string, language: string | null | undefined): string {
  if (!language) return tag('pre', escapeHtml(value));
  return tag('pre', `<code class="language-${escapeHtml(language)}">${escapeHtml(value)}</code>`);
}

function link(url: string, label: string, { inLink }: Place): string {
  if (inLink || label === '' || !LINK.test(url)) return label;
  return `<a href="${escapeHtml(url)}">${label}</a>`;
}

/** Lines after the first of a list item stand under its text; code stays as it is, to be copied. */
function indent(html: string): string {
  return html
    .split(/(<pre>.*?<\/pre>)/s)
    .map((piece) => (piece.startsWith('<pre>') ? piece : piece.replaceAll('\n', '\n   ')))
    .join('');
}

function definitionsOf(root: Root): ReadonlyMap<string, string> {
  const definitions = root.children.filter((node): node is Definition => node.type === 'definition');
  return new Map(definitions.map((node) => [node.identifier, node.url]));
}

function sourceOf(node: Nodes, { source }: Place): string {
  return source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
}

/** The only four entities Telegram knows by name. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
