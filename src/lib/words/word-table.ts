import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../project-root.js';

/** The bilingual table that ships with Sapa; its contents and sources are described beside it. */
export const WORD_TABLE_FILE = join(projectRoot, 'src/lib/words/words.bin');

/** Another table yields other vectors; vectors of different revisions are never compared. */
export const WORD_TABLE_REVISION = 1;

const MAGIC = 'BLT1';
const HEADER_BYTES = 32;
/** A scale is stored as a fraction of the largest one, in 16 bits. */
const SCALE_STEPS = 65_535;
/** A value is a nibble from 0 to 15; 8 means zero, and 7 steps equal the scale. */
const ZERO = 8;
const STEPS = 7;
/** A frequency class is -25 times the decimal logarithm of a word's share of running text. */
const CLASSES_A_DECADE = 25;
/** Words as frequent as `COMMON` (one in 160 words of text) weigh almost nothing, `RARE` ones weigh 1. */
const COMMON = 2.2;
const RARE = 4.5;
const LEAST_WEIGHT = 0.03;
const NUMBER_WEIGHT = 0.7;
/** Endings of chat Indonesian, and the English plural, which are stripped to find a word. */
const ENDINGS = ['nya', 'kah', 'lah', 'pun', 'ku', 'mu', 'an', 'in', 's', 'x'];
const SHORTEST_STEM = 3;
const MOST_ENDINGS = 2;
const GROUP_LETTERS = { from: 3, to: 5 } as const;
/** The cache of vectors is cleared when it reaches this size. */
const MEMO_LIMIT = 20_000;

interface Vectors {
  readonly values: Uint8Array;
  readonly scales: Uint16Array;
  readonly largest: number;
}

/**
 * Vectors for 58,000 Indonesian and English words, formal and colloquial, made so that words and sentences
 * with the same meaning are close to each other across both languages. A vector's length is the word's
 * weight, so a sentence's vector is the sum of its words' vectors.
 */
export class WordTable {
  private readonly positions = new Map<string, number>();
  private readonly memo = new Map<string, Float32Array | null>();

  constructor(
    readonly dimensions: number,
    private readonly words: Vectors,
    private readonly groups: Vectors,
    private readonly classes: Uint8Array,
    names: Iterable<string>,
  ) {
    let position = 0;
    for (const name of names) this.positions.set(name, position++);
  }

  /** The words of the table, in order of position. */
  names(): string[] {
    return [...this.positions.keys()];
  }

  /** The position of exactly this word, without `find`'s normalisation. */
  position(word: string): number | undefined {
    return this.positions.get(word);
  }

  /** A word's vector in integers from -8 to 7, and the value of one step. */
  steps(position: number): { readonly values: Int8Array; readonly worth: number } {
    const values = new Int8Array(this.dimensions);
    const start = (position * this.dimensions) / 2;
    for (let i = 0; i < this.dimensions / 2; i += 1) {
      const pair = this.words.values[start + i] ?? 0;
      values[2 * i] = (pair & 15) - ZERO;
      values[2 * i + 1] = (pair >> 4) - ZERO;
    }
    return { values, worth: stepOf(this.words, position) };
  }

  /** Positions of a word's parts; empty for a number, `undefined` if the word is unknown. */
  find(word: string, endings = 0): readonly number[] | undefined {
    const position = this.positions.get(word);
    if (position !== undefined) return [position];
    if (/['-]/.test(word)) {
      const parts = word.split(/['-]/).filter((part) => part !== '');
      const positions = parts.flatMap((part) => this.find(part, endings + 1) ?? []);
      return positions.length > 0 ? positions : undefined;
    }
    if (/^\d+$/.test(word)) return [];
    return this.findVariant(word, endings);
  }

  /** A word's vector, whose length is its weight; `null` for a number. */
  vector(word: string): Float32Array | null {
    const cached = this.memo.get(word);
    if (cached !== undefined) return cached;
    const vector = this.makeVector(word);
    if (this.memo.size >= MEMO_LIMIT) this.memo.clear();
    this.memo.set(word, vector);
    return vector;
  }

  /** How informative a word is, 0 to 1; low if every second sentence contains it. */
  weight(word: string): number {
    if (/\d/.test(word)) return NUMBER_WEIGHT;
    const positions = this.find(word);
    if (positions === undefined || positions.length === 0) return 1;
    return Math.max(...positions.map((position) => this.weightAt(position)));
  }

  /**
   * How rare a word is, in decimal orders of magnitude below all running text; `undefined` if it is not in
   * the table.
   */
  rarity(word: string): number | undefined {
    const position = this.positions.get(word);
    return position === undefined ? undefined : (this.classes[position] ?? 0) / CLASSES_A_DECADE;
  }

  private weightAt(position: number): number {
    const rarity = (this.classes[position] ?? 0) / CLASSES_A_DECADE;
    return Math.min(1, Math.max(LEAST_WEIGHT, (rarity - COMMON) / (RARE - COMMON)));
  }

  /** "masuk2", "haloooo", "harganya": a known word with additions typical of chats. */
  private findVariant(word: string, endings: number): readonly number[] | undefined {
    for (const times of [2, 1]) {
      const squeezed = word.replace(new RegExp(`(.)\\1{${times},}`, 'g'), (_, letter: string) =>
        letter.repeat(times),
      );
      const position = squeezed === word ? undefined : this.positions.get(squeezed);
      if (position !== undefined) return [position];
    }
    if (word.length > SHORTEST_STEM && word.endsWith('2')) {
      const position = this.positions.get(word.slice(0, -1));
      if (position !== undefined) return [position];
    }
    if (endings >= MOST_ENDINGS) return undefined;
    for (const ending of ENDINGS) {
      if (!word.endsWith(ending) || word.length - ending.length < SHORTEST_STEM) continue;
      const position = this.positions.get(word.slice(0, -ending.length));
      if (position !== undefined) return [position];
    }
    return undefined;
  }

  private makeVector(word: string): Float32Array | null {
    const positions = this.find(word);
    if (positions?.length === 0) return null;
    const vector = new Float32Array(this.dimensions);
    if (positions !== undefined) for (const position of positions) this.add(vector, this.words, position, 1);
    else this.addLetterGroups(vector, word);
    return vector;
  }

  /** An unknown word's vector is the mean of its letter groups. */
  private addLetterGroups(vector: Float32Array, word: string): void {
    const marked = `<${word}>`;
    const groups: string[] = [];
    for (let size = GROUP_LETTERS.from; size <= GROUP_LETTERS.to; size += 1) {
      for (let start = 0; start + size <= marked.length; start += 1) {
        groups.push(marked.slice(start, start + size));
      }
    }
    const buckets = this.groups.scales.length;
    for (const group of groups) this.add(vector, this.groups, hash(group) % buckets, 1 / groups.length);
  }

  private add(into: Float32Array, vectors: Vectors, at: number, share: number): void {
    const { values } = vectors;
    const factor = stepOf(vectors, at) * share;
    const start = (at * this.dimensions) / 2;
    for (let i = 0; i < this.dimensions / 2; i += 1) {
      const pair = values[start + i] ?? 0;
      into[2 * i] = (into[2 * i] ?? 0) + ((pair & 15) - ZERO) * factor;
      into[2 * i + 1] = (into[2 * i + 1] ?? 0) + ((pair >> 4) - ZERO) * factor;
    }
  }
}

/** The value of one step of a vector. */
function stepOf({ scales, largest }: Vectors, at: number): number {
  return (((scales[at] ?? 0) / SCALE_STEPS) * largest) / STEPS;
}

let shipped: WordTable | undefined;

/** The table that ships with Sapa, loaded on first use: about 20 ms and 15 MB. */
export function wordTable(): WordTable {
  shipped ??= readTable(readFileSync(WORD_TABLE_FILE));
  return shipped;
}

/** Layout of a table file, little-endian; described in the README.md beside the file. */
export function readTable(file: Buffer): WordTable {
  if (file.toString('latin1', 0, MAGIC.length) !== MAGIC) throw new Error('not a table of words');
  const words = file.readUInt32LE(4);
  const dimensions = file.readUInt32LE(8);
  const buckets = file.readUInt32LE(12);
  const namesBytes = file.readUInt32LE(16);
  let at = HEADER_BYTES;
  const take = (bytes: number): Uint8Array => {
    const part = new Uint8Array(file.subarray(at, at + bytes));
    at += bytes;
    if (part.length !== bytes) throw new Error('the table of words is cut short');
    return part;
  };
  const wordScales = new Uint16Array(take(2 * words).buffer);
  const groupScales = new Uint16Array(take(2 * buckets).buffer);
  const wordValues = take((words * dimensions) / 2);
  const groupValues = take((buckets * dimensions) / 2);
  const classes = take(words);
  return new WordTable(
    dimensions,
    { values: wordValues, scales: wordScales, largest: file.readFloatLE(24) },
    { values: groupValues, scales: groupScales, largest: file.readFloatLE(28) },
    classes,
    readNames(take(namesBytes), words),
  );
}

/** Each name states how many letters it shares with the previous one, followed by its own. */
function* readNames(bytes: Uint8Array, count: number): Generator<string> {
  const text = Buffer.from(bytes).toString('latin1');
  let name = '';
  for (let at = 0, read = 0; read < count; read += 1) {
    const prefixLength = text.charCodeAt(at);
    const suffixLength = text.charCodeAt(at + 1);
    name = name.slice(0, prefixLength) + text.slice(at + 2, at + 2 + suffixLength);
    at += 2 + suffixLength;
    yield name;
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (let i = 0; i < text.length; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 16_777_619);
  return value >>> 0;
}
