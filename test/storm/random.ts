/** Pseudo-random numbers that are the same for the same seed (mulberry32). */
export interface Random {
  /** From 0 (included) to 1 (excluded). */
  next(): number;
  /** An integer in the range, both ends included. */
  between(low: number, high: number): number;
  /** `true` with this probability, in percent. */
  chance(percent: number): boolean;
}

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (percent) => next() * 100 < percent,
  };
}
