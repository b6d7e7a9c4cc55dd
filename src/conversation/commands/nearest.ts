import { distance } from 'fastest-levenshtein';

/** The candidate that was probably meant, or `undefined` if none is close. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  const word = typed.toLowerCase();
  if (word === '') return undefined;
  const ranked = candidates
    .map((name) => ({ name, slips: name.startsWith(word) && word.length > 1 ? 0 : distance(word, name) }))
    .sort((a, b) => a.slips - b.slips);
  const [best] = ranked;
  return best !== undefined && best.slips <= allowedSlips(best.name) ? best.name : undefined;
}

/** Allowed wrong, missing or extra letters. Swapping two letters counts as two. */
function allowedSlips(name: string): number {
  return name.length <= 3 ? 1 : name.length <= 5 ? 2 : 3;
}
