/** Writes a table as CSV, in parts. */
export class CsvOutput {
  constructor(
    private readonly delimiter: string,
    private readonly onCsv: (part: Uint8Array) => void,
  ) {}

  write(lines: readonly (readonly string[])[]): void {
    const text = lines.map((cells) => cells.map((cell) => this.quoted(cell)).join(this.delimiter));
    this.onCsv(Buffer.from(`${text.join('\r\n')}\r\n`));
  }

  private quoted(cell: string): string {
    const needs = cell.includes('"') || cell.includes(this.delimiter) || /[\r\n]/.test(cell);
    return needs ? `"${cell.replaceAll('"', '""')}"` : cell;
  }
}

/** The names of the columns that predictions add to a table. */
export function predictionColumns(hasClasses: boolean): readonly string[] {
  return hasClasses ? ['prediction', 'probability'] : ['prediction'];
}

/** A prediction as the cells of those columns. */
export function predictionCells(
  prediction: string | number | undefined,
  probability: number | undefined,
): readonly string[] {
  const cell = String(prediction ?? '');
  return probability === undefined ? [cell] : [cell, probability.toFixed(4)];
}
