/** V8 represents longer substrings as views of the text they were cut from. */
const LONGEST_COPY = 12;

/** A copy of a cell that is kept: as a view, it would keep a whole piece of the file in memory. */
export function ownText(cell: string): string {
  return cell.length <= LONGEST_COPY ? cell : Buffer.from(cell, 'utf16le').toString('utf16le');
}
