import { canonical } from '../words/canonical.js';
import type { Text } from '../matching/features.js';
import { LetterGroups } from '../words/letter-groups.js';
import { writtenWords, type Lexicon, type Term } from '../words/lexicon.js';
import { signsIn, type Sign } from '../matching/signs.js';
import { answerKindsIn, isNegated, numbersIn, wordsOf, type AnswerKind } from '../words/words.js';

/** How many terms of the body and the context, and how many characters of the whole text, are considered. */
const BODY_TERMS = 200;
const CONTEXT_TERMS = 120;
const WHOLE_CHARACTERS = 400;

/** The parts of a text that do not depend on what it is compared with. */
export interface PreparedText {
  readonly kind: Text['kind'];
  readonly head: readonly Term[];
  readonly body: readonly Term[];
  /** Without duplicates. */
  readonly context: readonly Term[];
  readonly letters: LetterGroups;
  readonly numbers: ReadonlySet<string>;
  readonly isNegated: boolean;
  readonly asks: ReadonlySet<AnswerKind>;
  readonly signs: ReadonlySet<Sign>;
  readonly headVector: Float32Array;
  readonly bodyVector: Float32Array;
  readonly wholeVector: Float32Array;
}

export function prepareText(text: Text, lexicon: Lexicon): PreparedText {
  // Splitting a text into words takes longer than all that follows, so it is done once for each part.
  const [writtenHead, writtenBody] = [writtenWords(text.head), writtenWords(text.body)];
  const beginning =
    text.body.length <= WHOLE_CHARACTERS ? writtenBody : writtenWords(text.body.slice(0, WHOLE_CHARACTERS));
  const head = lexicon.termsOf(writtenHead);
  const body = lexicon.termsOf(writtenBody).slice(0, BODY_TERMS);
  const headWords = wordsOf(canonical(text.head));
  return {
    kind: text.kind,
    head,
    body,
    context: unique(lexicon.terms(text.context).slice(0, CONTEXT_TERMS)),
    letters: new LetterGroups(headWords),
    numbers: numbersIn(canonical(`${text.head} ${text.body} ${text.context}`)),
    isNegated: isNegated(headWords),
    asks: answerKindsIn(headWords),
    signs: signsIn(text.body),
    headVector: lexicon.sentenceOf(writtenHead),
    bodyVector: lexicon.sentenceOf(writtenBody),
    wholeVector: lexicon.sentenceOf([...writtenHead, ...beginning]),
  };
}

export function unique(terms: readonly Term[]): Term[] {
  return [...new Map(terms.map((term) => [term.text, term])).values()];
}
