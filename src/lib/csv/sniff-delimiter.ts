const DELIMITERS = [',', ';', '\t', '|'] as const;
/** Enough lines to tell a delimiter from commas within sentences. */
const SNIFFED_LINES = 50;
const SNIFFED_CHARS = 64 * 1024;

/** The delimiter that splits most lines into the same number of fields; the comma wins ties. */
export function sniffDelimiter(text: string): string {
  const lines = unquotedLines(text.slice(0, SNIFFED_CHARS)).slice(0, SNIFFED_LINES);
  let best = { delimiter: ',', agreeing: 0, fields: 1 };
  for (const delimiter of DELIMITERS) {
    const first = lines[0]?.split(delimiter).length ?? 1;
    if (first < 2) continue;
    const agreeing = lines.filter((line) => line.split(delimiter).length === first).length;
    const better = agreeing > best.agreeing || (agreeing === best.agreeing && first > best.fields);
    if (better) best = { delimiter, agreeing, fields: first };
  }
  return best.delimiter;
}

/** Lines without their quoted parts, so that delimiters and line breaks in those do not count. */
function unquotedLines(text: string): string[] {
  const bare = text.replace(/"[^"]*"/g, '""');
  return bare.split(/\r\n|\n|\r/).filter((line) => line !== '');
}

/** Spreadsheets write `sep=;` on a line of its own above the header. */
const SEPARATOR_LINE = /^"?sep=(.)"?[ \t,;]*(?:\r\n|\n|\r)/i;

/** Removes a spreadsheet's delimiter line from the text. */
export function separatorLine(
  text: string,
): { readonly delimiter: string; readonly length: number } | undefined {
  const line = SEPARATOR_LINE.exec(text);
  const delimiter = line?.[1];
  return line === null || delimiter === undefined ? undefined : { delimiter, length: line[0].length };
}
