/** A number written in words, with its place in the text. */
export interface SpelledNumber {
  readonly written: string;
  readonly value: number;
  /** Followed by a currency or a percent word. */
  readonly isAmount: boolean;
}

const DIGITS: Readonly<Record<string, number>> = {
  ...numbered('satu dua tiga empat lima enam tujuh delapan sembilan sepuluh sebelas', 1),
  ...numbered('one two three four five six seven eight nine ten eleven twelve', 1),
  ...numbered('thirteen fourteen fifteen sixteen seventeen eighteen nineteen', 13),
};
const TENS = numbered('twenty thirty forty fifty sixty seventy eighty ninety', 2, 10);
/** Words that multiply what precedes them; "seratus" contains its one. */
const FACTORS: Readonly<Record<string, number>> = { puluh: 10, ratus: 100, hundred: 100 };
const MAGNITUDES: Readonly<Record<string, number>> = { ribu: 1e3, thousand: 1e3, juta: 1e6, million: 1e6 };
const WITH_ONE: Readonly<Record<string, readonly [one: string, word: string]>> = {
  seratus: ['satu', 'ratus'],
  seribu: ['satu', 'ribu'],
  sejuta: ['satu', 'juta'],
};
const UNIT = /^\s*(?:rupiah|dollars?|dolar|euros?|ringgit|percent|per cent|persen)(?!\p{L})/iu;
/** Smaller numbers in words ("one of us", "dua") seldom make a claim. */
const LEAST = 11;

/** The numbers in a text that are written in words, in either language: "sembilan puluh ribu", "two hundred". */
export function spelledNumbers(text: string): readonly SpelledNumber[] {
  const words = [...text.matchAll(/\p{L}+/gu)];
  const numbers: SpelledNumber[] = [];
  for (let at = 0; at < words.length;) {
    const length = runLength(words, at, text);
    const run = words.slice(at, at + length).map(([word]) => word.toLowerCase());
    at += Math.max(1, length);
    const value = valueOf(run.flatMap((word) => WITH_ONE[word] ?? [word]));
    const [first, last] = [words[at - length], words[at - 1]];
    if (value === undefined || first === undefined || last === undefined) continue;
    const end = last.index + last[0].length;
    const isAmount = UNIT.test(text.slice(end));
    if (value >= LEAST || isAmount) numbers.push({ written: text.slice(first.index, end), value, isAmount });
  }
  return numbers;
}

/** How many words from here on belong to one number. */
function runLength(words: readonly RegExpExecArray[], at: number, text: string): number {
  let length = 0;
  for (let i = at; i < words.length; i += 1) {
    const word = words[i];
    const before = words[i - 1];
    if (word === undefined) break;
    const gap =
      before === undefined || i === at ? ' ' : text.slice(before.index + before[0].length, word.index);
    const isJoined = /^(?:\s+|-)$/.test(gap);
    if (!isJoined || !(isNumberWord(word[0]) || isJoiner(words, i, at))) break;
    length += 1;
  }
  return length;
}

function isNumberWord(word: string): boolean {
  const name = word.toLowerCase();
  return [DIGITS, TENS, FACTORS, MAGNITUDES, WITH_ONE].some((list) => name in list) || name === 'belas';
}

/** The "and" of "two hundred and fifty". */
function isJoiner(words: readonly RegExpExecArray[], at: number, start: number): boolean {
  const [before, next] = [words[at - 1]?.[0] ?? '', words[at + 1]?.[0] ?? ''];
  const follows = at > start && /^(?:hundred|thousand|million)$/i.test(before);
  return follows && words[at]?.[0].toLowerCase() === 'and' && isNumberWord(next);
}

/** `undefined`: the words are not one number, such as "ratus" alone or "dua tiga". */
function valueOf(run: readonly string[]): number | undefined {
  let [total, group] = [0, 0];
  let open: number | undefined;
  for (const word of run) {
    const [digit, ten, factor, magnitude] = [DIGITS[word], TENS[word], FACTORS[word], MAGNITUDES[word]];
    if (word === 'and') continue;
    if (digit !== undefined || ten !== undefined) {
      const value = digit ?? ten ?? 0;
      const isAfterTen = open !== undefined && open >= 20 && open % 10 === 0 && value < 10;
      if (open !== undefined && !isAfterTen) return undefined;
      open = (open ?? 0) + value;
    } else if (word === 'belas') {
      if (open === undefined) return undefined;
      open += 10;
    } else if (factor !== undefined) {
      if (open === undefined) return undefined;
      group += open * factor;
      open = undefined;
    } else if (magnitude !== undefined) {
      if (open === undefined && group === 0) return undefined;
      total += (group + (open ?? 0)) * magnitude;
      [group, open] = [0, undefined];
    }
  }
  return run.length === 0 ? undefined : total + group + (open ?? 0);
}

function numbered(names: string, from: number, step = 1): Readonly<Record<string, number>> {
  return Object.fromEntries(names.split(' ').map((name, index) => [name, (from + index) * step]));
}
