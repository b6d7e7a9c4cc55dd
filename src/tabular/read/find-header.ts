import { sniffDelimiter } from '../../lib/csv/sniff-delimiter.js';

/** Maximum number of lines above a report's header: its title, its period and some blank lines. */
export const MOST_TITLE_ROWS = 20;
/**
 * The share of the columns that a line above the header fills at most, and that the header fills at least.
 */
const TITLE_SHARE = 1 / 3;
const HEADER_SHARE = 1 / 2;

export interface HeaderPlace {
  readonly delimiter: string;
  /** Position of the header, in characters. */
  readonly start: number;
  /** Number of lines above the header. */
  readonly titleRows: number;
}

/**
 * Finds the header of a table: its first line or, below a report's title, the first one as wide as the next
 * non-blank line. `titleRows` fixes the number of lines above it; without it, the text decides.
 */
export function findHeader(
  text: string,
  chosen: { readonly delimiter?: string; readonly titleRows?: number },
): HeaderPlace {
  const lines = linesOf(text);
  const at = (titleRows: number): HeaderPlace => {
    const start = lines[titleRows]?.start ?? 0;
    return { delimiter: chosen.delimiter ?? sniffDelimiter(text.slice(start)), start, titleRows };
  };
  if (chosen.titleRows !== undefined) return at(Math.min(chosen.titleRows, lines.length - 1));
  for (let rows = 0; rows <= Math.min(MOST_TITLE_ROWS, lines.length - 2); rows += 1) {
    const place = at(rows);
    if (beginsTable(lines, rows, place.delimiter)) return place;
  }
  return at(0);
}

interface Line {
  readonly start: number;
  /** Without the text in quotes. */
  readonly bare: string;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  const ends = /\r\n|\n|\r|$/g;
  let start = 0;
  // More than may precede the header, because blank lines may follow it.
  while (start < text.length && lines.length < 2 * MOST_TITLE_ROWS) {
    ends.lastIndex = start;
    const end = ends.exec(text);
    const stop = end?.index ?? text.length;
    lines.push({ start, bare: text.slice(start, stop).replace(/"[^"]*"/g, '"') });
    start = stop + Math.max(1, end?.[0].length ?? 0);
  }
  return lines;
}

function beginsTable(lines: readonly Line[], rows: number, delimiter: string): boolean {
  const shapeOf = (line: Line | undefined) => {
    const cells = line?.bare.split(delimiter) ?? [];
    return { width: cells.length, filled: cells.filter((cell) => cell.trim() !== '').length };
  };
  const header = shapeOf(lines[rows]);
  if (header.width < 2 || header.filled < header.width * HEADER_SHARE) return false;
  const next = shapeOf(lines.slice(rows + 1).find((line) => shapeOf(line).filled > 0));
  if (next.width !== header.width) return false;
  const above = lines.slice(0, rows).map(shapeOf);
  return above.every(({ filled }) => filled <= Math.max(1, header.width * TITLE_SHARE));
}
