import type { Nodes, Root, RootContent, Table } from 'mdast';
import { parseMarkdown as parseTreeOf } from '../../lib/text/parse-markdown.js';
import { rowText } from './parse-table.js';
import { parsePlainText } from './parse-plain-text.js';
import type { ParsedSection } from './parsed-document.js';

export interface ParsedMarkdown {
  readonly title?: string;
  readonly sections: readonly ParsedSection[];
}

/** No real document nests lists and quotes deeper; the text of deeper ones is kept without indentation. */
const MAXIMUM_DEPTH = 100;

/** Sections by heading. The text of lists, tables, code and links is kept; images keep their description. */
export function parseMarkdown(source: string): ParsedMarkdown {
  const { title, body } = withoutFrontMatter(source);
  const tree = parseTree(body);
  const sections = tree ? sectionsOf(tree) : parsePlainText(body);
  const heading = title ?? onlyTopHeading(tree);
  return heading === undefined ? { sections } : { title: heading, sections };
}

/** `undefined` if the nesting is too deep for the parser; the source is then read as plain text. */
function parseTree(body: string): Root | undefined {
  try {
    return parseTreeOf(body);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function withoutFrontMatter(source: string): { readonly title?: string; readonly body: string } {
  const match = /^\uFEFF?---[ \t]*\r?\n([\s\S]{0,4000}?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(source);
  if (!match) return { body: source };
  const body = source.slice(match[0].length);
  const title = /^title:[ \t]*["']?(.+?)["']?[ \t]*$/m.exec(match[1] ?? '')?.[1];
  return title === undefined ? { body } : { title, body };
}

function onlyTopHeading(tree: Root | undefined): string | undefined {
  const tops = tree?.children.filter((node) => node.type === 'heading' && node.depth === 1) ?? [];
  const [only] = tops;
  return tops.length === 1 && only ? inlineText(only) || undefined : undefined;
}

function sectionsOf(tree: Root): ParsedSection[] {
  const sections: ParsedSection[] = [];
  const path: { readonly depth: number; readonly text: string }[] = [];
  let blocks: string[] = [];
  const close = (): void => {
    const text = blocks.filter((block) => block !== '').join('\n\n');
    if (text !== '') sections.push({ headings: path.map((heading) => heading.text), text });
    blocks = [];
  };
  let bare = false;
  for (const node of tree.children) {
    if (node.type !== 'heading') {
      blocks.push(blockText(node, 0));
      bare = false;
      continue;
    }
    if (bare) keepBareHeading(path, node.depth, blocks);
    close();
    while (path.length > 0 && (path.at(-1)?.depth ?? 0) >= node.depth) path.pop();
    path.push({ depth: node.depth, text: inlineText(node) });
    bare = true;
  }
  if (bare) keepBareHeading(path, 1, blocks);
  close();
  return sections;
}

/** Keeps a heading with nothing under it, not even a smaller heading, as text; otherwise it would be lost. */
function keepBareHeading(
  path: readonly { readonly depth: number; readonly text: string }[],
  nextDepth: number,
  blocks: string[],
): void {
  const last = path.at(-1);
  if (last && nextDepth <= last.depth) blocks.push(last.text);
}

function blockText(node: RootContent, depth: number): string {
  if (depth > MAXIMUM_DEPTH) return inlineText(node);
  switch (node.type) {
    case 'list':
      return node.children
        .map((item, index) => {
          const marker = node.ordered ? `${(node.start ?? 1) + index}. ` : '- ';
          const text = item.children.map((child) => blockText(child, depth + 1)).join('\n');
          return marker + text.replaceAll('\n', '\n  ');
        })
        .join('\n');
    case 'table':
      return tableText(node);
    case 'blockquote':
    case 'footnoteDefinition':
      return node.children.map((child) => blockText(child, depth + 1)).join('\n\n');
    case 'code':
      return node.value.replace(/\n{2,}/g, '\n');
    case 'html':
      return withoutTags(node.value).trim();
    case 'definition':
    case 'thematicBreak':
      return '';
    default:
      return inlineText(node);
  }
}

function tableText(table: Table): string {
  const [header, ...rows] = table.children.map((row) => row.children.map((cell) => inlineText(cell)));
  if (!header) return '';
  if (rows.length === 0) return header.join('; ');
  return rows.map((row) => rowText(header, row)).join('\n');
}

function inlineText(node: Nodes): string {
  switch (node.type) {
    case 'text':
      return node.value.replace(/[ \t]*\r?\n[ \t]*/g, ' ');
    case 'inlineCode':
      return node.value;
    case 'break':
      return '\n';
    case 'image':
    case 'imageReference':
      return node.alt ?? '';
    case 'html':
      return withoutTags(node.value);
    case 'link':
      return linkText(joined(node.children), node.url);
    default:
      if ('children' in node) return joined(node.children);
      return 'value' in node ? node.value : '';
  }
}

function joined(children: readonly Nodes[]): string {
  return children.map((child) => inlineText(child)).join('');
}

/** Keeps the address, so that an answer can pass it on. */
function linkText(text: string, url: string): string {
  const isAddress = /^(https?:|mailto:|tel:)/i.test(url);
  const label = url.replace(/^(mailto|tel):/i, '');
  if (!isAddress || text.includes(label)) return text;
  return text === '' ? label : `${text} (${label})`;
}

function withoutTags(html: string): string {
  return html
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<\/?[a-z][^<>]*>/gi, '');
}
