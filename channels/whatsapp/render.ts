import type { Definition, Nodes, Parents, PhrasingContent, Root } from 'mdast';
import { cleanText } from '../../src/lib/clean-text.js';
import { parseMarkdown } from '../../src/lib/parse-markdown.js';
import { renderTable } from '../../src/lib/render-table.js';

/** WhatsApp takes more, but folds long messages away behind "Read more". */
export const TEXT_LIMIT = 4096;

/** Nobody writes deeper than this; attacks do, and recursion has a floor. */
const MAX_DEPTH = 50;

/** Parts an asterisk from its word, so that it is one; people do not see it. */
const NO_FORMAT = '\u200b';

interface Place {
  readonly source: string;
  readonly definitions: ReadonlyMap<string, string>;
  readonly depth: number;
}

/** Renders our Markdown (CommonMark with GFM) in WhatsApp's own marks, which know no escaping. */
export function renderText(markdown: string): string {
  const source = cleanText(markdown.replace(/\r\n?/g, '\n'));
  const root = parseMarkdown(source);
  return renderBlocks(root, { source, definitions: definitionsOf(root), depth: 0 }).trim();
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
  if (place.depth > MAX_DEPTH) return plain(sourceOf(node, place));
  switch (node.type) {
    case 'text':
      return plain(node.value);
    case 'strong':
    case 'heading':
      return marked('*', renderInline(node.children, place));
    case 'emphasis':
      return marked('_', renderInline(node.children, place));
    case 'delete':
      return marked('~', renderInline(node.children, place));
    case 'inlineCode':
      return node.value.includes('`') ? node.value : `\`${node.value}\``;
    case 'code':
      return codeBlock(node.value);
    case 'link':
      return link(node.url, renderInline(node.children, place));
    case 'linkReference':
      return link(place.definitions.get(node.identifier) ?? '', renderInline(node.children, place));
    case 'image':
      return link(node.url, plain(node.alt ?? ''));
    case 'imageReference':
      return link(place.definitions.get(node.identifier) ?? '', plain(node.alt ?? node.label ?? ''));
    case 'break':
      return '\n';
    case 'paragraph':
      return renderInline(node.children, place);
    case 'blockquote':
      return quote(renderBlocks(node, place, '\n'));
    case 'list': {
      const first = node.start ?? 1;
      const items = node.children.map((item, index) => {
        const marker = node.ordered ? `${first + index}.` : '-';
        return `${marker} ${render(item, place)}`;
      });
      return items.join('\n');
    }
    case 'listItem': {
      const box = node.checked === true ? '☑ ' : node.checked === false ? '☐ ' : '';
      return box + renderBlocks(node, place, '\n').replaceAll('\n', '\n   ');
    }
    case 'table':
      return codeBlock(renderTable(node));
    case 'tableRow':
    case 'tableCell':
      return renderBlocks(node, place, ' ');
    case 'thematicBreak':
      return '———';
    case 'footnoteReference':
      return `[${node.label ?? node.identifier}]`;
    case 'footnoteDefinition':
      return `[${node.label ?? node.identifier}] ${renderBlocks(node, place, '\n')}`;
    case 'definition':
    case 'yaml':
      return '';
    case 'html':
      return plain(node.value);
    case 'root':
      return renderBlocks(node, place);
    default:
      return node satisfies never;
  }
}

/** Marks hold within one line and close against the word: white space stays outside. */
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

/** A mark that somebody only wrote, e.g. `*` in "*note", must not begin a formatting. */
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

/** WhatsApp links only addresses that stand in the text. */
function link(url: string, label: string): string {
  const address = url.replace(/^(?:mailto|tel):/i, '');
  if (url === '' || label === '') return label || address;
  return label.replaceAll(NO_FORMAT, '') === url || label.replaceAll(NO_FORMAT, '') === address
    ? address
    : `${label} (${address})`;
}

function definitionsOf(root: Root): ReadonlyMap<string, string> {
  const found = root.children.filter((node): node is Definition => node.type === 'definition');
  return new Map(found.map((node) => [node.identifier, node.url]));
}

function sourceOf(node: Nodes, { source }: Place): string {
  return source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
}
