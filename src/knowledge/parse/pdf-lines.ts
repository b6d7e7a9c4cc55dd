/** A run of letters that a page draws, in points from its upper left corner. */
export interface PdfItem {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  /** Position of the baseline, downwards. */
  readonly top: number;
  readonly height: number;
}

/** Text that belongs together on a line, set apart from the rest. */
export interface PdfCell {
  readonly text: string;
  readonly left: number;
  readonly right: number;
}

export interface PdfLine {
  readonly cells: readonly PdfCell[];
  readonly top: number;
  readonly height: number;
}

/** A gap wider than this, in points, separates two columns of a table, not two words. */
const COLUMN_GAP = 14;
/** The same as a multiple of the letter height, for large letters. */
const COLUMN_HEIGHTS = 1.1;
/** A gap wider than this part of the height is a space that is missing from the text. */
const SPACE_HEIGHTS = 0.18;
/** Letters overlapping by less than this part of their width are only set tightly. */
const LEAST_OVERLAP = 0.35;
/**
 * Baselines at most this part of the height apart are on one line: superscripts, letters set slightly lower.
 */
const SAME_LINE = 0.4;
/** The dots that lead from a dish to its price in menus. */
const LEADER = /\s*(?:[.·…_]\s?){4,}\s*/u;

/** Lines in the order in which the page draws them, each with its cells from left to right. */
export function pdfLines(items: readonly PdfItem[]): PdfLine[] {
  const groups: PdfItem[][] = [];
  for (const item of items) {
    const group = groups.at(-1);
    const first = group?.[0];
    if (group !== undefined && first !== undefined && isSameLine(first, item)) group.push(item);
    else groups.push([item]);
  }
  return joinedRows(groups)
    .map(lineOf)
    .filter(({ cells }) => cells.length > 0);
}

function isSameLine(one: PdfItem, other: PdfItem): boolean {
  return Math.abs(one.top - other.top) <= Math.max(1.5, Math.max(one.height, other.height) * SAME_LINE);
}

/** Longest cell of a table drawn column by column; columns of running text are longer. */
const MOST_CELL_CHARACTERS = 28;
const MOST_LONG_CELLS = 0.25;
const FEWEST_ROWS = 3;

/** Puts a table whose columns are drawn one after the other into row order. */
function joinedRows(groups: readonly PdfItem[][]): PdfItem[][] {
  const rows: PdfItem[][] = [];
  let joined = 0;
  let long = 0;
  for (const group of groups) {
    const [first] = group;
    const row = first && rows.find(([other]) => other !== undefined && isSameLine(other, first));
    if (row === undefined) {
      rows.push([...group]);
      continue;
    }
    joined += 1;
    if (charactersOf(group) > MOST_CELL_CHARACTERS) long += 1;
    row.push(...group);
  }
  if (joined < FEWEST_ROWS || long > joined * MOST_LONG_CELLS) return [...groups];
  return rows.sort(([one], [other]) => (one?.top ?? 0) - (other?.top ?? 0));
}

function charactersOf(group: readonly PdfItem[]): number {
  return group.reduce((sum, { text }) => sum + text.length, 0);
}

interface OpenCell {
  text: string;
  left: number;
  right: number;
}

function lineOf(group: readonly PdfItem[]): PdfLine {
  const height = Math.max(...group.map((item) => item.height));
  const cells: OpenCell[] = [];
  const textItems = group
    .filter(({ text }) => text.trim() !== '')
    .sort((one, other) => one.left - other.left);
  for (const item of isDrawnTwice(textItems) ? textItems.map(withoutCopies) : textItems) {
    const cell = cells.at(-1);
    const gap = cell === undefined ? Infinity : item.left - cell.right;
    if (cell === undefined || gap > Math.max(COLUMN_GAP, height * COLUMN_HEIGHTS)) {
      const { text, left, right } = item;
      cells.push({ text, left, right });
    } else append(cell, item, gap, height);
  }
  return {
    cells: cells.map(tidy).flatMap(cutLeaders),
    top: Math.min(...group.map(({ top }) => top)),
    height,
  };
}

/** Skips letters that were already drawn, as some files do to imitate bold. */
function append(cell: OpenCell, item: PdfItem, gap: number, height: number): void {
  const width = (item.right - item.left) / item.text.length;
  const twice = gap < -width * LEAST_OVERLAP ? drawnBefore(cell.text, item.text, -gap / width) : 0;
  const rest = item.text.slice(twice);
  const apart = twice === 0 && gap > height * SPACE_HEIGHTS && !/\s$/.test(cell.text) && !/^\s/.test(rest);
  cell.text += apart ? ` ${rest}` : rest;
  cell.right = Math.max(cell.right, item.right);
}

/** Whether at least half of the pieces begin before the previous one has ended. */
function isDrawnTwice(items: readonly PdfItem[]): boolean {
  const over = items.filter((item, at) => {
    const before = items[at - 1];
    return before !== undefined && before.right - item.left > item.height * LEAST_OVERLAP;
  });
  return items.length > 2 && over.length >= (items.length - 1) / 2;
}

/** Letter widths of a typical font, in heights: enough to notice that a piece has too many letters. */
const NARROW = /[ijlI|!.,:;'tfr ]/u;
const WIDE = /[mwMW@%]/u;
const WIDTHS = { narrow: 0.26, usual: 0.55, wide: 0.85 } as const;
/** A narrow letter and its copy arrive as two letters of one piece. */
const COPY = /([ijlI|!.,:;'tfr])\1/gu;

/** Removes the copies of narrow letters if the piece has more letters than it has room for. */
function withoutCopies(item: PdfItem): PdfItem {
  let width = 0;
  for (const letter of item.text) {
    width += NARROW.test(letter) ? WIDTHS.narrow : WIDE.test(letter) ? WIDTHS.wide : WIDTHS.usual;
  }
  const isFull = width * item.height - (item.right - item.left) > WIDTHS.narrow * 0.7 * item.height;
  return isFull ? { ...item, text: item.text.replace(COPY, '$1') } : item;
}

/**
 * How many of the first letters of `next` repeat the last ones of `text`, given that about `about` of them
 * overlap it.
 */
function drawnBefore(text: string, next: string, about: number): number {
  const tolerance = Math.max(0.8, about * 0.35);
  let best = 0;
  for (let count = 1; count <= next.length && count <= about + tolerance; count += 1) {
    if (count >= about - tolerance && text.endsWith(next.slice(0, count))) best = count;
  }
  return best;
}

function tidy({ text, left, right }: OpenCell): PdfCell {
  return { text: text.replace(/\s+/gu, ' ').trim(), left, right };
}

/** `Nasi goreng ........ 25.000` is two cells; their positions are estimated from the number of letters. */
function cutLeaders(cell: PdfCell): PdfCell[] {
  const parts = cell.text.split(LEADER);
  const [name = '', value = ''] = parts;
  if (parts.length !== 2 || name === '' || value === '') return [cell];
  const letter = (cell.right - cell.left) / cell.text.length;
  return [
    { text: name, left: cell.left, right: cell.left + name.length * letter },
    { text: value, left: cell.right - value.length * letter, right: cell.right },
  ];
}
