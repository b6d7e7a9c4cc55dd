import { COLUMN_TYPES, type ColumnType, type ReadingChoices } from '../../contracts/tabular.js';
import { MOST_TITLE_ROWS } from '../read/find-header.js';
import { ownValue } from '../../lib/own-value.js';

/** `delimiter=; "Zip code"=category`. */
const PAIR = /(?:"([^"]+)"|([^\s="]+))\s*=\s*(?:"([^"]*)"|(\S+))/g;

const DELIMITERS: Readonly<Record<string, string>> = {
  tab: '\t',
  '\\t': '\t',
  comma: ',',
  koma: ',',
  semicolon: ';',
  'titik-koma': ';',
  bar: '|',
};
const TYPES: Readonly<Record<string, ColumnType>> = {
  ...Object.fromEntries(COLUMN_TYPES.map((type) => [type, type])),
  angka: 'number',
  kategori: 'category',
  'yes/no': 'boolean',
  'ya/tidak': 'boolean',
  tanggal: 'date',
  teks: 'text',
  key: 'id',
  kunci: 'id',
};
const DAY_FIRST = /^(?:day-?first|d\/?m\/?y|(?:hari|tanggal)-?dulu)$/i;
const MONTH_FIRST = /^(?:month-?first|m\/?d\/?y|bulan-?dulu)$/i;

/** Parses how a person wants a table to be read; returns the part of the text that makes no sense. */
export function readFix(
  text: string,
  columns: readonly { readonly name: string }[],
):
  | { readonly type: 'choices'; readonly choices: ReadingChoices }
  | { readonly type: 'unclear'; readonly text: string } {
  const types: Record<string, ColumnType> = {};
  let choices: ReadingChoices = {};
  let count = 0;
  for (const [whole, quotedName, plainName, quotedValue, plainValue] of text.matchAll(PAIR)) {
    const name = quotedName ?? plainName ?? '';
    const value = quotedValue ?? plainValue ?? '';
    const change = settingOf(name.toLowerCase(), value);
    const column = columns.find((each) => each.name.toLowerCase() === name.toLowerCase());
    const type = ownValue(TYPES, value.toLowerCase());
    if (change !== undefined) choices = { ...choices, ...change };
    else if (column !== undefined && type !== undefined) types[column.name] = type;
    else return { type: 'unclear', text: whole };
    count += 1;
  }
  if (count === 0) return { type: 'unclear', text };
  return { type: 'choices', choices: Object.keys(types).length === 0 ? choices : { ...choices, types } };
}

function settingOf(name: string, value: string): ReadingChoices | undefined {
  switch (name) {
    case 'delimiter':
    case 'pemisah': {
      const delimiter = ownValue(DELIMITERS, value.toLowerCase()) ?? value;
      return delimiter.length === 1 ? { delimiter } : undefined;
    }
    case 'decimal':
    case 'desimal':
      return value === '.' || value === ',' ? { decimal: value } : undefined;
    case 'dates':
    case 'tanggal':
      if (DAY_FIRST.test(value)) return { dateOrder: 'day-first' };
      return MONTH_FIRST.test(value) ? { dateOrder: 'month-first' } : undefined;
    case 'title':
    case 'judul': {
      const titleRows = Number(value);
      return /^\d{1,2}$/.test(value) && titleRows <= MOST_TITLE_ROWS ? { titleRows } : undefined;
    }
    case 'encoding':
      return { encoding: value };
    default:
      return undefined;
  }
}
