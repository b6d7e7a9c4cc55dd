import { wordTable } from './word-table.js';

/** Shorter words have too many neighbours. */
const SHORTEST = 4;
const SHORTEST_KNOWN = 5;

/**
 * Corrects typing errors in a text: a word that is in no dictionary and one edit away from exactly one of
 * `words`, with the same first letter, is replaced by it. `words`: lower case.
 */
export function respell(text: string, words: readonly string[]): string {
  const candidates = words.filter(({ length }) => length >= SHORTEST_KNOWN);
  const table = wordTable();
  return text.replace(/\p{L}+/gu, (written) => {
    const word = written.toLowerCase();
    if (word.length < SHORTEST || words.includes(word) || table.position(word) !== undefined) return written;
    const [near, ...others] = candidates.filter((each) => each[0] === word[0] && isOneEdit(each, word));
    return near === undefined || others.length > 0 ? written : near;
  });
}

/** Whether one letter was left out, added, changed or exchanged with its neighbour. */
function isOneEdit(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  const [restA, restB] = [a.slice(start), b.slice(start)];
  if (a.length > b.length) return restA.slice(1) === restB;
  if (a.length < b.length) return restA === restB.slice(1);
  if (restA.slice(1) === restB.slice(1)) return true;
  return restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2);
}
