import { splitSentences } from './words/sentences.js';
import { isQuestionWord, wordsOf } from './words/words.js';

/** Separators between two questions in a message: a closed class. */
const JOINT = /[?!.;\n]+\s+|,\s+|\s+(?:dan|and|&|plus|sama|terus|trus|lalu|sekalian|also)\s+/giu;
/** A part with fewer words continues the previous one: "red and blue". */
const LEAST_WORDS = 2;
/** Longest message that is split, in characters: in longer ones any sentence may look like a question. */
const LONGEST = 240;

/**
 * Ways to split a message into two questions: "scaling berapa dan bisa bayar pakai qris?" Each half has
 * enough words to be a question, and at least one contains a question word or ends with a question mark.
 */
export function questionsIn(message: string): readonly (readonly [string, string])[] {
  if (message.length > LONGEST) return [];
  return [...message.matchAll(JOINT)].flatMap(({ index, 0: joint }) => {
    const halves = [message.slice(0, index).trim(), message.slice(index + joint.length).trim()] as const;
    const [first, second] = halves.map(wordsOf);
    if (first === undefined || second === undefined) return [];
    if (first.length < LEAST_WORDS || second.length < LEAST_WORDS) return [];
    const asks = joint.includes('?') || [...first, ...second].some(isQuestionWord);
    return asks ? [halves] : [];
  });
}

/** The question in a message of several sentences, if there is exactly one: the rest is a greeting or a story. */
export function questionWithin(message: string): string | undefined {
  const sentences = splitSentences(message);
  if (sentences.length < 2) return undefined;
  const marked = sentences.filter((sentence) => sentence.includes('?'));
  const asking =
    marked.length > 0 ? marked : sentences.filter((sentence) => wordsOf(sentence).some(isQuestionWord));
  return asking.length === 1 ? asking[0] : undefined;
}
