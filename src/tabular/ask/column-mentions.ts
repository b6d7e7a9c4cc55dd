import type { DatasetColumn } from '../../contracts/tabular.js';
import { columnLike, columnNamed } from '../read/find-column.js';

/** A column that a question names. */
export interface ColumnMention {
  readonly column: DatasetColumn;
  readonly at: number;
  readonly length: number;
}

interface Word {
  readonly text: string;
  readonly at: number;
}

/** Words of questions in both languages; none of them alone stands for a longer column name. */
const QUESTION_WORDS: ReadonlySet<string> = new Set(
  `a an and are at by count each every for from give how in is last many max me mean min much number of on or
  over per row rows show sum the to top total value was what where which with average avg best bottom highest
  largest lowest maximum minimum smallest worst daily day days month months week weeks year years trend
  adalah atau banyak banyaknya baris berapa berdasarkan dan dari dengan di hari hitung jumlah ke mana menurut
  nama nilai rata rerata semua setiap tahun tanggal terbawah terbesar terendah terkecil tertinggi teratas tiap
  tren untuk yang bulan minggu`.split(/\s+/),
);
const LONGEST_NAME = 10;

/** Columns in the order they are mentioned. Full names are found first, then the parts that only one has. */
export function columnMentions(text: string, columns: readonly DatasetColumn[]): ColumnMention[] {
  const words = wordsIn(text);
  const mentions = [...mentionsBy(columnNamed, words, columns)];
  const others = words.filter((word) => !mentions.some((each) => covers(each, word)));
  const free = columns.filter((column) => !mentions.some((each) => each.column === column));
  mentions.push(...mentionsBy(columnByPart, others, free));
  return mentions.sort((a, b) => a.at - b.at);
}

/** The column whose name, or a part of it that no other has, ends the text; the longest such part. */
export function mentionAtEnd(text: string, columns: readonly DatasetColumn[]): ColumnMention | undefined {
  const end = wordsIn(text).slice(-LONGEST_NAME);
  for (const find of [columnNamed, columnByPart]) {
    for (let from = 0; from < end.length; from += 1) {
      const column = find(textsOf(end.slice(from)), columns);
      const at = end[from]?.at ?? 0;
      if (column !== undefined) return { column, at, length: text.length - at };
    }
  }
  return undefined;
}

function columnByPart(
  words: readonly string[],
  columns: readonly DatasetColumn[],
): DatasetColumn | undefined {
  const isQuestion = (word = ''): boolean => QUESTION_WORDS.has(word) || /^\d+$|^.$/u.test(word);
  return isQuestion(words[0]) || isQuestion(words.at(-1)) ? undefined : columnLike(words, columns);
}

/** The longest mention at each place. */
function* mentionsBy(
  find: typeof columnByPart,
  words: readonly Word[],
  columns: readonly DatasetColumn[],
): Generator<ColumnMention> {
  for (let from = 0; from < words.length; from += 1) {
    for (let to = Math.min(words.length, from + LONGEST_NAME); to > from; to -= 1) {
      const mentioned = words.slice(from, to);
      const column = find(textsOf(mentioned), columns);
      const [first] = mentioned;
      const last = mentioned.at(-1);
      if (column === undefined || first === undefined || last === undefined) continue;
      yield { column, at: first.at, length: last.at + last.text.length - first.at };
      from = to - 1;
      break;
    }
  }
}

function wordsIn(text: string): readonly Word[] {
  return Array.from(text.matchAll(/[\p{L}\p{N}]+/gu), ({ 0: word, index }) => ({ text: word, at: index }));
}

function textsOf(words: readonly Word[]): string[] {
  return words.map(({ text }) => text);
}

function covers({ at, length }: ColumnMention, word: Word): boolean {
  return word.at >= at && word.at < at + length;
}
