import type { Nodes, Table } from 'mdast';

/** A table as aligned lines for a fixed-width font, because chat platforms have no tables. */
export function renderTable(table: Table): string {
  const rows = table.children.map((row) => row.children.map((cell) => plainText(cell).trim()));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(3, ...rows.map((row) => width(row[column] ?? ''))),
  );
  const lines = rows.map((row) => line(widths.map((size, column) => pad(row[column] ?? '', size))));
  const rule = line(widths.map((size) => '-'.repeat(size)));
  return [...lines.slice(0, 1), rule, ...lines.slice(1)].join('\n');
}

function line(cells: readonly string[]): string {
  return cells.join(' | ').trimEnd();
}

function pad(text: string, size: number): string {
  return text + ' '.repeat(size - width(text));
}

/** Counts code points, which is close enough to columns. */
function width(text: string): number {
  return [...text].length;
}

function plainText(node: Nodes): string {
  if ('value' in node) return node.value;
  if ('children' in node) return node.children.map(plainText).join('');
  return 'alt' in node ? (node.alt ?? '') : '';
}
