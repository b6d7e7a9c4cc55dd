import { wordTable, WORD_TABLE_REVISION } from '../../lib/words/word-table.js';
import { TabularError } from '../../contracts/tabular.js';
import { normaliseText } from './vocabulary.js';

/** A word of a text and its vector from the word table. */
export interface WordVector {
  readonly word: string;
  readonly vector: Float32Array;
}

/**
 * The words of a text that are in the table exactly as written. Words that could only be guessed from their
 * endings or letters are left out, because the artifact cannot guess them.
 */
export function wordVectors(text: string): readonly WordVector[] {
  const table = wordTable();
  return normaliseText(text)
    .split(' ')
    .flatMap((word) => {
      const vector = table.position(word) === undefined ? null : table.vector(word);
      return vector === null ? [] : [{ word, vector }];
    });
}

/**
 * The combined meaning of the words: the sum of their vectors at length 1, or zeros without words. `length`
 * is that of the sum before scaling, or 1 if it is 0.
 */
export function meaningOf(words: readonly WordVector[]): { vector: Float32Array; length: number } {
  const sum = new Float32Array(meaningDimensions());
  for (const { vector } of words) {
    for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] as number) + (vector[at] as number);
  }
  const length = Math.hypot(...sum) || 1;
  return { vector: sum.map((value) => value / length), length };
}

export function meaningDimensions(): number {
  return wordTable().dimensions;
}

/** @throws TabularError `invalid-model` if the model was trained with vectors of another table */
export function checkTableRevision(revision: number | undefined): void {
  if (revision === undefined || revision === WORD_TABLE_REVISION) return;
  throw new TabularError(
    'invalid-model',
    'The model was made with an older table of words; train it again.',
    {
      reason: { key: 'tables.reason.olderWords' },
    },
  );
}
