import type { Question, Vocabulary } from './vocabulary.js';

/** One `label: value` of a row. */
const CELL = /^([^:;]{1,60}):\s*(.*)$/u;

/**
 * A row of a table as a person would say it: what it is about first, then what was asked, then the
 * rest. "sku: T-1; name: Cap; price: 45000" becomes "Cap — price: 45000; sku: T-1". Anything else
 * stays as it is.
 */
export function readRow(text: string, question: Question, vocabulary: Vocabulary): string {
  const cells = text.split(/;\s*/u).filter((cell) => cell !== '');
  if (cells.length < 2) return text;
  const read = cells.map((cell) => {
    const [, label = '', value = ''] = CELL.exec(cell) ?? [];
    return { cell, label, value, named: namedIn(value, question, vocabulary) };
  });
  if (read.some(({ label, value }) => label === '' || value === '')) return text;
  const name = read.reduce((best, next) =>
    next.named > best.named || (next.named === best.named && next.value.length > best.value.length)
      ? next
      : best,
  );
  if (name.named === 0) return text;
  const asks = ({ label }: { readonly label: string }): boolean =>
    [...vocabulary.subjects(label)].some((term) => question.terms.has(term) || question.wishes.has(term));
  const rest = read.filter((one) => one !== name);
  const ordered = [...rest.filter(asks), ...rest.filter((one) => !asks(one))];
  return `${name.value} — ${ordered.map(({ cell }) => cell).join('; ')}`;
}

/** How many words of the question the cell holds; a price or a stock is no name. */
function namedIn(value: string, { terms }: Question, vocabulary: Vocabulary): number {
  return [...vocabulary.subjects(value)].filter((term) => terms.has(term) && !term.startsWith('#')).length;
}
