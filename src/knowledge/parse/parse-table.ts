import { KnowledgeError } from '../../contracts/knowledge.js';
import type { ParsedSection } from './parsed-document.js';
import { readCsv } from './read-csv.js';
import type { CsvLimits } from './read-csv.js';

/** Each row as `Header: value; Header: value`, so that a row found on its own still says what it means. */
export function parseTable(text: string, limits: CsvLimits, delimiter?: string): ParsedSection[] {
  const { header, rows } = readCsv(text, limits, delimiter);
  const sections = rows
    .map((row) => ({ headings: [], text: rowText(header, row) }))
    .filter((section) => section.text !== '');
  if (sections.length === 0) throw new KnowledgeError('no-text', 'The table has a header and no rows.');
  return sections;
}

export function rowText(header: readonly string[], row: readonly string[]): string {
  return row
    .map((value, column) => {
      const name = header[column] ?? '';
      const clean = value.trim().replace(/\s*[\r\n]+\s*/g, ' ');
      return clean === '' || name === '' ? clean : `${name}: ${clean}`;
    })
    .filter((field) => field !== '')
    .join('; ');
}
