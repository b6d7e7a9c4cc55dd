import { CsvError, parse } from 'csv-parse/sync';
import { KnowledgeError } from '../../contracts/knowledge.js';
import { LOCALES, type Locale } from '../../contracts/message.js';
import { checkedText, type FaqText } from './faq-text.js';
import { ownValue } from '../../lib/own-value.js';

const MAXIMUM_BYTES = 5 * 1024 * 1024;
const MAXIMUM_ROWS = 10_000;
/** Separates the phrasings in a cell. */
const PHRASINGS = /\s*[|\n]\s*/;

/**
 * Entries of a UTF-8 CSV with a header of `question`, `answer` and optionally `locale` and `phrasings`
 * (separated by `|`), or common names for these, in any order, separated by comma, semicolon or tab. Throws
 * `KnowledgeError` with the row (the header is row 1) at the first error.
 */
export function parseFaqCsv(bytes: Uint8Array, defaultLocale: Locale): FaqText[] {
  if (bytes.byteLength > MAXIMUM_BYTES) throw new KnowledgeError('too-large', 'The CSV is larger than 5 MB.');
  const [header, ...rows] = records(decode(bytes));
  const columns = columnsOf(header ?? []);
  if (rows.length > MAXIMUM_ROWS) throw new KnowledgeError('too-large', 'The CSV has more than 10,000 rows.');
  const entries: FaqText[] = [];
  rows.forEach((cells, i) => {
    const row = i + 2;
    if (cells.every((cell) => cell.trim() === '')) return;
    if (cells.length > columns.count) {
      throw invalid(`Row ${row} has ${cells.length} columns, the header ${columns.count}.`, row);
    }
    entries.push({
      ...checkedText(
        {
          question: cells[columns.question] ?? '',
          answer: cells[columns.answer] ?? '',
          ...(columns.phrasings === undefined
            ? {}
            : { phrasings: (cells[columns.phrasings] ?? '').split(PHRASINGS) }),
        },
        row,
      ),
      locale: localeOf(columns.locale === undefined ? '' : (cells[columns.locale] ?? ''), defaultLocale, row),
    });
  });
  return entries;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new KnowledgeError('invalid-csv', 'The CSV is not in UTF-8.', { cause });
  }
}

function records(text: string): string[][] {
  try {
    const [, separator, rest] = /^\s*sep=(.)\r?\n([\s\S]*)$/i.exec(text) ?? [];
    const body = (rest ?? text).replace(/^(?:[ \t]*\r?\n)+/, '');
    return parse(body, {
      delimiter: separator ?? delimiterOf(body),
      relax_column_count: true,
      // `Laptop 14" ada?` is a question, not a quoted cell.
      relax_quotes: true,
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const row = Number(cause['records'] ?? 0) + 1;
    throw new KnowledgeError('invalid-csv', `Row ${row} is not valid CSV: ${cause.message}`, { row, cause });
  }
}

/** Spreadsheets with Indonesian and European settings use semicolons. */
function delimiterOf(text: string): string {
  const header = text.split(/\r?\n/).find((line) => line.trim() !== '') ?? '';
  // A quoted header cell may contain any of them; the one that gives the most cells is used.
  const parts = (delimiter: string): number => header.replace(/"[^"]*"/g, '').split(delimiter).length;
  return [',', ';', '\t'].sort((a, b) => parts(b) - parts(a))[0] ?? ',';
}

function columnsOf(header: readonly string[]): {
  readonly question: number;
  readonly answer: number;
  readonly locale: number | undefined;
  readonly phrasings: number | undefined;
  readonly count: number;
} {
  const names = header.map((name) => name.trim().toLowerCase());
  const position = (column: keyof typeof COLUMN_NAMES): number => {
    const at = findColumn(names, column);
    if (at === -1) throw invalid(`The header has no column "${column}".`, 1);
    const name = names[at] ?? '';
    if (names.lastIndexOf(name) !== at) throw invalid(`The header has the column "${name}" twice.`, 1);
    return at;
  };
  const optional = (column: keyof typeof COLUMN_NAMES): number | undefined =>
    findColumn(names, column) === -1 ? undefined : position(column);
  return {
    question: position('question'),
    answer: position('answer'),
    locale: optional('locale'),
    phrasings: optional('phrasings'),
    count: names.length,
  };
}

/** Names people give to these columns: `Q`, `Pertanyaan`, `Jawaban singkat`, `answer, short`. */
const COLUMN_NAMES = {
  question: ['question', 'questions', 'q', 'pertanyaan', 'tanya', 'soal'],
  answer: ['answer', 'answers', 'a', 'jawaban', 'jawab', 'balasan', 'reply', 'response'],
  locale: ['locale', 'language', 'lang', 'bahasa'],
  phrasings: ['phrasings', 'variations', 'variants', 'variasi', 'alternatives'],
} as const;

/**
 * The column with exactly this name, else one with a common name for it, else one whose name starts with one.
 */
function findColumn(names: readonly string[], column: keyof typeof COLUMN_NAMES): number {
  const exact = names.indexOf(column);
  if (exact !== -1) return exact;
  const aliases: readonly string[] = COLUMN_NAMES[column];
  const exactMatch = names.findIndex((name) => aliases.includes(name));
  if (exactMatch !== -1) return exactMatch;
  return names.findIndex((name) => aliases.includes(/^[\p{L}]+/u.exec(name)?.[0] ?? ''));
}

/** What people write for a language. */
const LOCALE_NAMES: Readonly<Record<string, Locale>> = {
  english: 'en',
  inggris: 'en',
  eng: 'en',
  indonesia: 'id',
  indonesian: 'id',
  ind: 'id',
};

function localeOf(cell: string, defaultLocale: Locale, row: number): Locale {
  const name = cell.trim().toLowerCase();
  if (name === '') return defaultLocale;
  const locale = LOCALES.find((candidate) => candidate === name) ?? ownValue(LOCALE_NAMES, name);
  if (locale === undefined)
    throw invalid(`Row ${row}: locale is "en" or "id", not "${name.slice(0, 20)}".`, row);
  return locale;
}

function invalid(message: string, row: number): KnowledgeError {
  return new KnowledgeError('invalid-csv', message, { row });
}
