import { rowText } from './parse-table.js';
import type { ParsedSection } from './parsed-document.js';

/** What the walk needs of an element; both linkedom and Readability provide it. */
export interface HtmlNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly textContent: string | null;
  readonly childNodes: Iterable<HtmlNode>;
  getAttribute?(name: string): string | null;
}

const ELEMENT = 1;
const TEXT = 3;
/** Nobody reads the content of these. */
const HIDDEN = new Set(
  'SCRIPT STYLE TEMPLATE NOSCRIPT HEAD SVG IFRAME OBJECT CANVAS SELECT BUTTON'.split(' '),
);
const BLOCKS = new Set(
  (
    'ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY DD DETAILS DIV DL DT FIELDSET FIGCAPTION FIGURE FOOTER FORM HEADER ' +
    'HR LI MAIN NAV OL P PRE SECTION SUMMARY UL'
  ).split(' '),
);
const HEADING = /^H([1-6])$/;

/** Sections by heading; each table row is a line that names its columns, each list item is a line. */
export function htmlSections(root: HtmlNode): ParsedSection[] {
  const walk = new Walk();
  walk.visit(root);
  return walk.finish();
}

class Walk {
  private readonly sections: ParsedSection[] = [];
  private readonly path: { readonly depth: number; readonly text: string }[] = [];
  private blocks: string[] = [];
  private line = '';
  /** The last heading has nothing under it yet. */
  private bare = false;

  visit(node: HtmlNode): void {
    if (node.nodeType === TEXT) {
      this.line += (node.textContent ?? '').replace(/\s+/g, ' ');
      return;
    }
    if (node.nodeType !== ELEMENT) {
      for (const child of node.childNodes) this.visit(child);
      return;
    }
    const name = node.nodeName.toUpperCase();
    if (isHidden(node, name)) return;
    const depth = HEADING.exec(name)?.[1];
    if (depth !== undefined) this.heading(Number(depth), oneLine(node));
    else if (name === 'TABLE' && !holdsTable(node)) this.table(node);
    else if (name === 'UL' || name === 'OL') this.list(node, name === 'OL');
    else if (name === 'BR') this.line += '\n';
    else if (name === 'A') this.link(node);
    else if (BLOCKS.has(name) || name.startsWith('T')) this.block(node);
    else for (const child of node.childNodes) this.visit(child);
  }

  finish(): ParsedSection[] {
    this.keepBare(1);
    this.close();
    return this.sections;
  }

  private block(node: HtmlNode): void {
    this.endLine();
    for (const child of node.childNodes) this.visit(child);
    this.endLine();
  }

  private heading(depth: number, text: string): void {
    this.endLine();
    if (text === '') return;
    this.keepBare(depth);
    this.close();
    while ((this.path.at(-1)?.depth ?? 0) >= depth) this.path.pop();
    this.path.push({ depth, text });
    this.bare = true;
  }

  /** As in Markdown: a heading with nothing under it would otherwise be lost. */
  private keepBare(nextDepth: number): void {
    this.endLine();
    const last = this.path.at(-1);
    if (this.bare && this.blocks.length === 0 && last && nextDepth <= last.depth) this.blocks.push(last.text);
  }

  private close(): void {
    const text = this.blocks.join('\n\n');
    if (text !== '') this.sections.push({ headings: this.path.map((heading) => heading.text), text });
    this.blocks = [];
  }

  private endLine(): void {
    const text = tidy(this.line);
    this.line = '';
    if (text === '') return;
    this.blocks.push(text);
    this.bare = false;
  }

  private list(node: HtmlNode, numbered: boolean): void {
    this.endLine();
    const items = elements(node, 'LI').map((item) => itemText(item));
    const lines = items
      .filter((text) => text !== '')
      .map((text, index) => `${numbered ? `${index + 1}. ` : '- '}${text.replaceAll('\n', '\n  ')}`);
    this.line = lines.join('\n');
    this.endLine();
  }

  private table(node: HtmlNode): void {
    this.endLine();
    this.line = tableLines(node).join('\n');
    this.endLine();
  }

  /** Keeps the address, so that an answer can pass it on. */
  private link(node: HtmlNode): void {
    const address = node.getAttribute?.('href') ?? '';
    const text = oneLine(node);
    const label = address.replace(/^(mailto|tel):/i, '');
    const isTold = !/^(mailto|tel):/i.test(address) || text.includes(label);
    this.line += isTold ? text : `${text} (${label})`;
    if (/\s$/.test(node.textContent ?? '')) this.line += ' ';
  }
}

function itemText(item: HtmlNode): string {
  const walk = new Walk();
  for (const child of item.childNodes) walk.visit(child);
  const sections = walk.finish();
  return sections.map(({ headings, text }) => [...headings.slice(-1), text].join('\n')).join('\n');
}

function tableLines(table: HtmlNode): string[] {
  const rows = elements(table, 'TR').map((row) => cellTexts(row));
  const [header, ...rest] = rows.filter((row) => row.some((cell) => cell !== ''));
  if (header === undefined) return [];
  if (rest.length === 0) return [header.join('; ')];
  return rest.map((row) => rowText(header, row));
}

/** A cell spanning several columns appears once; the other columns are empty. */
function cellTexts(row: HtmlNode): string[] {
  return elements(row, 'TD', 'TH').flatMap((cell) => {
    const span = Math.min(Math.max(Number(cell.getAttribute?.('colspan') ?? 1) || 1, 1), 100);
    return [oneLine(cell), ...Array.from({ length: span - 1 }, () => '')];
  });
}

/** Elements with these names below `node`, but not inside another one of them. */
function elements(node: HtmlNode, ...names: readonly string[]): HtmlNode[] {
  const matches: HtmlNode[] = [];
  for (const child of node.childNodes) {
    if (child.nodeType !== ELEMENT) continue;
    const name = child.nodeName.toUpperCase();
    if (names.includes(name)) matches.push(child);
    else if (!isHidden(child, name)) matches.push(...elements(child, ...names));
  }
  return matches;
}

/** Pages laid out with a table contain tables in its cells. */
function holdsTable(node: HtmlNode): boolean {
  return elements(node, 'TABLE').length > 0;
}

function oneLine(node: HtmlNode): string {
  return visibleText(node).replace(/\s+/g, ' ').trim();
}

function visibleText(node: HtmlNode): string {
  if (node.nodeType === TEXT) return node.textContent ?? '';
  if (node.nodeType === ELEMENT && isHidden(node, node.nodeName.toUpperCase())) return '';
  let text = '';
  for (const child of node.childNodes) text += visibleText(child);
  const name = node.nodeName.toUpperCase();
  return name === 'BR' || BLOCKS.has(name) ? ` ${text} ` : text;
}

function isHidden(node: HtmlNode, name: string): boolean {
  if (HIDDEN.has(name)) return true;
  const style = node.getAttribute?.('style') ?? '';
  const hidden = node.getAttribute?.('hidden') ?? undefined;
  return hidden !== undefined || /display\s*:\s*none/i.test(style);
}

function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.replace(/[ \t]+/g, (space, at: number) => (at === 0 ? space : ' ')).trimEnd())
    .join('\n')
    .trim();
}
