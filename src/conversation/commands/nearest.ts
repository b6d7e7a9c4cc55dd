import { distance } from 'fastest-levenshtein';

/** The one of `candidates` that was probably meant, or `undefined` when none comes near. */
export function nearest(typed: string, candidates: readonly string[]): string | undefined {
  const word = typed.toLowerCase();
  if (word === '') return undefined;
  const ranked = candidates
    .map((name) => ({ name, slips: name.startsWith(word) && word.length > 1 ? 0 : distance(word, name) }))
    .sort((a, b) => a.slips - b.slips);
  const [best] = ranked;
  return best !== undefined && best.slips <= allowedSlips(best.name) ? best.name : undefined;
}

/** Wrong, missing, extra letters. Two letters that changed places count twice. */
function allowedSlips(name: string): number {
  return name.length <= 3 ? 1 : name.length <= 5 ? 2 : 3;
}
