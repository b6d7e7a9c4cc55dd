import { lexicon } from '../../../src/knowledge/understanding/lexicon.js';
import { wordsOf } from '../../../src/knowledge/understanding/words.js';
import { seeded } from './fit.js';
import type { Pool, Question } from './pool.js';

/** Words that say less than this are no subject. */
const TELLING = 0.35;
/** Every so many-th message is made a near miss. */
const EVERY = 3;

/**
 * Near misses, which are too rare in any set to be learned from: a message that has an answer, with
 * the word that says most of its subject changed for one of another business. Nothing answers it.
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

/** The word that message and answer share and that says most, changed. */
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
