import type { AskedMessage, Compared } from './compare.js';

/** Sharpness of the softmax over the texts that a term may refer to. */
const SHARPNESS = 5;

/**
 * Fills in how specifically the terms of the message point to one text. A word that is near to
 * everything a business says carries no information, even if each text uses a different word for it.
 */
export function addShares({ terms, weights, weight }: AskedMessage, compared: readonly Compared[]): void {
  const size = compared.length;
  const soft = compared.map(() => 0);
  const divisor = Math.max(1e-6, weight);
  let softWeight = 1e-6;
  terms.forEach((term, i) => {
    const nears = compared.map((each) => each.nears[i] ?? 0);
    const sum = nears.reduce((total, value) => total + value, 0);
    const own =
      term.weight * (Math.log(1 + (size - sum + 0.5) / (sum + 0.5)) / Math.log(1 + (size + 0.5) / 0.5));
    const odds = nears.map((value) => Math.exp(SHARPNESS * value));
    const all = odds.reduce((total, value) => total + value, 0);
    softWeight += own;
    compared.forEach(({ draft }, position) => {
      const value = nears[position] ?? 0;
      soft[position] = (soft[position] ?? 0) + own * value;
      draft.lift += ((weights[i] ?? 0) * (value - sum / size)) / divisor;
      draft.share +=
        ((weights[i] ?? 0) * Math.log(((odds[position] ?? 1) * size) / all)) / divisor / SHARPNESS;
    });
  });
  compared.forEach(({ draft }, position) => (draft.askedSoft = (soft[position] ?? 0) / softWeight));
}
