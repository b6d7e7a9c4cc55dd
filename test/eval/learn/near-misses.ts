import { lexicon } from '../../../src/knowledge/understanding/words/lexicon.js';
import { wordsOf } from '../../../src/knowledge/understanding/words/words.js';
import { seeded } from './fit.js';
import type { Pool, Question } from './pool.js';

/** Words with a lower weight are not a subject. */
const TELLING = 0.35;
/** Every n-th message becomes a near miss. */
const EVERY = 3;

/**
 * Adds near misses, which are too rare in any set to learn from: messages that have an answer, with the most
 * significant word of their subject replaced by one of another business. Nothing answers them.
 */
export function withNearMisses(pools: readonly Pool[]): readonly Pool[] {
  const random = seeded(21);
  const subjects = new Map(pools.map(({ source, questions }) => [source, subjectsOf(questions)] as const));
  return pools.map((pool) => {
    const others = pools
      .filter(({ source }) => source !== pool.source)
      .flatMap(({ source }) => subjects.get(source) ?? []);
    const own = new Set(pool.texts.flatMap(({ head, body }) => wordsOf(`${head} ${body}`)));
    const misses = pool.questions
      .filter(({ right }, i) => right.size > 0 && i % EVERY === 0)
      .flatMap((question): Question[] => {
        const text = swapped(
          question,
          pool,
          others.filter((word) => !own.has(word)),
          random,
        );
        return text === undefined ? [] : [{ text, right: new Set() }];
      });
    return { ...pool, questions: [...pool.questions, ...misses] };
  });
}

/** Replaces the most significant word that message and answer share. */
function swapped(
  { text, right }: Question,
  { texts }: Pool,
  others: readonly string[],
  random: () => number,
): string | undefined {
  const words = lexicon();
  const rightTerms = new Set(
    [...right]
      .flatMap((position) => words.terms(`${texts[position]?.head ?? ''} ${texts[position]?.body ?? ''}`))
      .flatMap(({ keys }) => keys),
  );
  const shared = wordsOf(text)
    .map((word) => words.term(word))
    .filter(
      (term) =>
        term.weight >= TELLING && /^[a-z]+$/.test(term.text) && term.keys.some((key) => rightTerms.has(key)),
    )
    .sort((a, b) => b.weight - a.weight);
  const [subject] = shared;
  const other = others[Math.floor(random() * others.length)];
  if (subject === undefined || other === undefined) return undefined;
  return text.replace(new RegExp(`\\b${subject.text}\\b`, 'i'), other);
}

function subjectsOf(questions: readonly Question[]): readonly string[] {
  const words = lexicon();
  return questions.flatMap(({ text }) =>
    wordsOf(text).filter((word) => /^[a-z]{3,}$/.test(word) && words.term(word).weight >= 0.6),
  );
}
