import type { AskedMessage, Compared, Entry } from '../matching/compare.js';
import { isHeavy } from './lexicon.js';

/** From this nearness upwards, a text covers a content word of the message. */
const COVERED = 0.9;
/** More content words than this make no difference. */
const MOST_COUNTED = 6;

/**
 * Fills in which content words of the message each text covers, and which of them only another text covers:
 * an answer about parking does not cover the showers asked about.
 */
export function addContentWords(
  message: AskedMessage,
  compared: readonly Compared[],
  entries: readonly Entry[],
): void {
  const heavy = message.terms.flatMap((term, i) => (isHeavy(term) ? [{ term, i }] : []));
  const total = heavy.reduce((sum, { term }) => sum + term.weight, 0);
  const rows = compared.map(({ nears }, position) => {
    const showsAmount = entries[position]?.text.signs.has('amount') === true;
    // A text that contains an amount covers a word for price.
    return heavy.map(({ i }) => (showsAmount && message.asksPrice[i] === true ? 1 : (nears[i] ?? 0)));
  });
  const most = heavy.map((_, column) => Math.max(0, ...rows.map((row) => row[column] ?? 0)));
  const saysAll = rows.map((row) => row.every((value) => value >= COVERED));
  const isOnlyOne = heavy.length > 0 && saysAll.filter(Boolean).length === 1;
  compared.forEach(({ draft }, position) => {
    const row = rows[position] ?? [];
    draft.heavyCount = Math.min(MOST_COUNTED, heavy.length);
    draft.heavySaid =
      total === 0
        ? 0
        : heavy.reduce((sum, { term }, column) => sum + term.weight * (row[column] ?? 0), 0) / total;
    draft.saidElsewhere = Math.max(
      0,
      ...heavy.map(({ term }, column) => term.weight * ((most[column] ?? 0) - (row[column] ?? 0))),
    );
    draft.saidHereOnly = isOnlyOne && saysAll[position] === true ? 1 : 0;
  });
}
