import { isQuestionWord, wordsOf } from './words.js';

/** Separators between two questions in a message: a closed class. */
const JOINT = /[?!.;\n]+\s+|,\s+|\s+(?:dan|and|&|plus|sama|terus|trus|lalu|sekalian|also)\s+/giu;
/** A part with fewer words continues the previous one: "red and blue". */
const LEAST_WORDS = 2;
/** Longest message that is split, in characters: in longer ones any sentence may look like a question. */
const LONGEST = 240;

/**
 * Ways to split a message into two questions: "scaling berapa dan bisa bayar pakai qris?" Each half has
 * enough words to be a question, and at least one contains a question word.
 */
export function questionsIn(message: string): readonly (readonly [string, string])[] {
  if (message.length > LONGEST) return [];
  return [...message.matchAll(JOINT)].flatMap(({ index, 0: joint }) => {
    const halves = [message.slice(0, index).trim(), message.slice(index + joint.length).trim()] as const;
    const [first, second] = halves.map(wordsOf);
    if (first === undefined || second === undefined) return [];
    if (first.length < LEAST_WORDS || second.length < LEAST_WORDS) return [];
    return [...first, ...second].some(isQuestionWord) ? [halves] : [];
  });
}
