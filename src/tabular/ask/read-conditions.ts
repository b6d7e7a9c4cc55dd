import type { DatasetColumn } from '../../contracts/tabular.js';
import { mentionAtEnd } from './column-mentions.js';

export interface Condition {
  readonly column: string;
  readonly is: string;
}

const OPERATOR = /=|(?<=\s)(?:is|adalah)(?=\s)/g;
const WHERE = /\b(?:where|untuk|di mana|dengan|yang|and|dan)\s+$/;
const VALUE = /^\s*(?:"([^"]*)"|([^\s,;?]+))/;

/** Parses `kota=Solo` and `where kota is "Solo"`; `rest` is the question without them. */
export function readConditions(
  question: string,
  columns: readonly DatasetColumn[],
): { readonly where: readonly Condition[]; readonly rest: string } {
  const where: Condition[] = [];
  let rest = '';
  let done = 0;
  for (const { 0: operator, index } of question.matchAll(OPERATOR)) {
    const before = question.slice(done, index);
    const mention = mentionAtEnd(before, columns);
    const value = mention && valueAt(question.slice(index + operator.length), mention.column);
    if (mention === undefined || value === undefined) continue;
    where.push({ column: mention.column.name, is: value.text });
    rest += `${before.slice(0, mention.at).replace(WHERE, '')} `;
    done = index + operator.length + value.length;
  }
  return { where, rest: rest + question.slice(done) };
}

/** A value in quotes, one that the column has, or a single word. */
function valueAt(
  text: string,
  { top = [] }: DatasetColumn,
): { readonly text: string; readonly length: number } | undefined {
  const start = text.length - text.trimStart().length;
  const known = top
    .map(({ value }) => value.toLowerCase())
    .filter(
      (value) => text.startsWith(value, start) && !/^[\p{L}\p{N}]/u.test(text.slice(start + value.length)),
    )
    .toSorted((a, b) => b.length - a.length)[0];
  if (known !== undefined && known !== '') return { text: known, length: start + known.length };
  const match = VALUE.exec(text);
  return match === null ? undefined : { text: match[1] ?? match[2] ?? '', length: match[0].length };
}
