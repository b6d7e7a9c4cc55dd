import type { Text } from '../matching/features.js';
import type { Sign } from '../matching/signs.js';
import type { LetterGroups } from '../words/letter-groups.js';
import type { AnswerKind } from '../words/words.js';

/** A text ready to be compared; its terms are numbers in a vocabulary. */
export interface PreparedText {
  readonly kind: Text['kind'];
  readonly head: Int32Array;
  readonly body: Int32Array;
  /** Without duplicates. */
  readonly context: Int32Array;
  readonly letters: LetterGroups;
  readonly numbers: ReadonlySet<string>;
  readonly isNegated: boolean;
  readonly asks: ReadonlySet<AnswerKind>;
  readonly signs: ReadonlySet<Sign>;
  readonly headVector: Float32Array;
  readonly bodyVector: Float32Array;
  readonly wholeVector: Float32Array;
}
