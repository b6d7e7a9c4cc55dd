import type { Definition, ListItem, Nodes, Parents, PhrasingContent, Root } from 'mdast';
import { cleanText } from './clean-text.js';
import { parseMarkdown } from './parse-markdown.js';
import { renderTable } from './render-table.js';

/** Nobody nests deeper than this, but attacks do, and recursion needs a limit. */
const MAX_DEPTH = 50;

export interface RenderedLink {
  readonly url: string;
  /** Already in the platform's syntax; may be empty. */
  readonly label: string;
  /** The label as written, if it is plain text. */
  readonly written: string | undefined;
  readonly isInLink: boolean;
}

/** How a platform writes Markdown's constructs. Contents are already in its syntax, values are not. */
export interface MarkdownSyntax {
  /** Shows a text literally. */
  text(value: string): string;
  strong(content: string): string;
  emphasis(content: string): string;
  strike(content: string): string;
  code(value: string): string;
  block(value: string, language: string | undefined): string;
  link(link: RenderedLink): string;
  heading(content: string, depth: number): string;
  quote(content: string, isInQuote: boolean): string;
  /** Separates the paragraphs of a quote. */
  readonly betweenQuoted: string;
  /** `number`: set in an ordered list. */
  item(content: string, number: string | undefined): string;
}

/** The context a node is rendered in. */
interface Place {
  readonly syntax: MarkdownSyntax;
  readonly source: string;
  readonly definitions: ReadonlyMap<string, string>;
  readonly depth: number;
  readonly isInQuote: boolean;
  readonly isInLink: boolean;
}

/** Renders our Markdown (CommonMark with GFM) in a platform's syntax. */
export function renderMarkdown(markdown: string, syntax: MarkdownSyntax): string {
  const source = cleanText(markdown.replace(/\r\n?/g, '\n'));
  const root = parseMarkdown(source);
  const definitions = definitionsOf(root);
  return blocks(root, { syntax, source, definitions, depth: 0, isInQuote: false, isInLink: false }).trim();
}

function blocks(parent: Parents, place: Place, separator = '\n\n'): string {
  return parent.children
    .map((child) => render(child, place))
    .filter((text) => text.trim() !== '')
    .join(separator);
}

function inline(nodes: readonly PhrasingContent[], place: Place): string {
  return nodes.map((node) => render(node, place)).join('');
}

function render(node: Nodes, outer: Place): string {
  const place = { ...outer, depth: outer.depth + 1 };
  const { syntax } = place;
  if (place.depth > MAX_DEPTH) return syntax.text(sourceOf(node, place));
  switch (node.type) {
    case 'text':
      return syntax.text(node.value);
    case 'strong':
      return syntax.strong(inline(node.children, place));
    case 'emphasis': {
      const content = inline(node.children, place);
      const star = syntax.text('*');
      return isMultiplication(node, place) ? `${star}${content}${star}` : syntax.emphasis(content);
    }
    case 'delete':
      return syntax.strike(inline(node.children, place));
    case 'inlineCode':
      return node.value === '' ? '' : syntax.code(node.value);
    case 'code':
      return syntax.block(node.value, node.lang ?? undefined);
    case 'link':
      return link(node.url, node.children, place);
    case 'linkReference':
      return link(place.definitions.get(node.identifier) ?? '', node.children, place);
    case 'image':
      return image(node.url, node.alt || node.url, place);
    case 'imageReference':
      return image(place.definitions.get(node.identifier) ?? '', node.alt || node.label || '', place);
    case 'break':
      return '\n';
    case 'paragraph':
      return inline(node.children, place);
    case 'heading':
      return syntax.heading(inline(node.children, place), node.depth);
    case 'blockquote': {
      const content = blocks(node, { ...place, isInQuote: true }, syntax.betweenQuoted);
      return syntax.quote(content, outer.isInQuote);
    }
    case 'list': {
      const first = node.start ?? 1;
      const items = node.children.map((item, index) => {
        const number = writtenNumber(item, place) ?? String(first + index);
        return syntax.item(render(item, place), node.ordered ? number : undefined);
      });
      return items.join('\n');
    }
    case 'listItem':
      return boxOf(node) + blocks(node, place, '\n');
    case 'table':
      return syntax.block(renderTable(node), undefined);
    case 'tableRow':
    case 'tableCell':
      return blocks(node, place, ' ');
    case 'thematicBreak':
      return '———';
    case 'footnoteReference':
      return syntax.text(`[${node.label ?? node.identifier}]`);
    case 'footnoteDefinition':
      return `${syntax.text(`[${node.label ?? node.identifier}]`)} ${blocks(node, place, '\n')}`;
    case 'definition':
    case 'yaml':
      return '';
    case 'html':
      return syntax.text(withoutTags(node.value));
    case 'root':
      return blocks(node, place);
    default:
      return node satisfies never;
  }
}

function link(url: string, children: readonly PhrasingContent[], place: Place): string {
  const [only] = children;
  return place.syntax.link({
    url,
    label: inline(children, { ...place, isInLink: true }),
    written: children.length === 1 && only?.type === 'text' ? only.value : undefined,
    isInLink: place.isInLink,
  });
}

function image(url: string, alt: string, { syntax, isInLink }: Place): string {
  return syntax.link({ url, label: syntax.text(alt), written: undefined, isInLink });
}

function boxOf({ checked }: ListItem): string {
  return checked === true ? '☑ ' : checked === false ? '☐ ' : '';
}

/** "60*90*2" is a calculation, not emphasis. */
function isMultiplication(node: Nodes, { source }: Place): boolean {
  const { start, end } = node.position ?? {};
  return (
    /\d/.test(source[(start?.offset ?? 0) - 1] ?? '') ||
    /[*]\d/.test(source.slice((end?.offset ?? 0) - 1, (end?.offset ?? 0) + 1))
  );
}

/** The number as written: "17." and "25." must not become 17 and 18. */
function writtenNumber(item: Nodes, place: Place): string | undefined {
  return /^\d{1,9}(?=[.)])/.exec(sourceOf(item, place))?.[0];
}

/** Converts HTML that models use for formatting, without its tags. Anything else stays as it is. */
function withoutTags(html: string): string {
  return html
    .replace(/<br\s*\/?>/gi, '\n')
    .replace(/<li\b[^>]*>\s*/gi, '• ')
    .replace(/<\/(?:td|th)>\s*(?=<t[dh]\b)/gi, ' | ')
    .replace(/<\/(?:p|li|tr|div|h[1-6]|table)>/gi, '\n')
    .replace(/<\/?(?:b|strong|i|em|u|s|p|ul|ol|li|table|thead|tbody|tr|td|th|div|span|h[1-6])\b[^<>]*>/gi, '')
    .replace(/[ \t]*\n\s*/g, '\n');
}

function definitionsOf(root: Root): ReadonlyMap<string, string> {
  const definitions = root.children.filter((node): node is Definition => node.type === 'definition');
  return new Map(definitions.map((node) => [node.identifier, node.url]));
}

function sourceOf(node: Nodes, { source }: Place): string {
  return source.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
}
