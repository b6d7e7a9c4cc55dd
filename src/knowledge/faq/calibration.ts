/**
 * Weights of FAQ matching, in one place. RANKING was chosen on StackFAQ (1,249 questions over 719
 * pairs). ACCEPTANCE is a logistic model of "this entry answers the question"; its threshold is set
 * where few questions that no entry answers get through: a wrong answer is worse than none. Measured at
 * .5: of StackFAQ's questions with their own entry taken out 4 % get through, of CLINC150's out-of-scope
 * questions 3 in 1,000.
 */
export const RANKING = { question: 2, answer: 0.3, both: 1 } as const;

export const FAQ_BM25 = { k1: 1.2, b: 0.75, boost: 1 } as const;

/** "How much" and "when" separate questions, but far less than their subjects do. */
export const QUESTION_WORD_WEIGHT = 0.4;

export interface MatchFeatures {
  /** Weighted mean of the BM25 scores, each as a share of the highest possible, 0..1. */
  readonly rank: number;
  /** Share of the asked question's information that the entry's question holds, 0..1. */
  readonly asked: number;
  /** The same with the entry's answer counted too. */
  readonly known: number;
  /** Share of the entry's question that was asked, 0..1. */
  readonly entry: number;
  /** Share of the asked question's information in subjects that the entry does not have, 0..1. */
  readonly missed: number;
}

/**
 * `missed` stands for the subject that is missing: "can a class be refunded?" has much in common
 * with "is there a class?", and "yes" to the second is wrong for the first.
 */
export const ACCEPTANCE = { bias: -4.6, rank: 2, asked: 4, known: 1, entry: 3, missed: -5 } as const;

/** Of an entry's question, what a single word need not hold: "alamatnya?" of "Di mana alamat toko?". */
const SINGLE_WORD_ALLOWANCE = 0.1;

/** At or above it is the same question. */
export const FAQ_THRESHOLD = 0.5;

/**
 * Probability that the entry answers a question of so many words with a subject, 0..1. One word
 * is held by many entries: it is the same question only as far as the entry asks nothing else.
 */
export function acceptance(features: MatchFeatures, words: number): number {
  const { bias, rank, asked, known, entry, missed } = ACCEPTANCE;
  const sum =
    bias +
    rank * features.rank +
    asked * features.asked +
    known * features.known +
    entry * features.entry +
    missed * features.missed;
  const probability = 1 / (1 + Math.exp(-sum));
  return words < 2 ? Math.min(probability, features.entry + SINGLE_WORD_ALLOWANCE) : probability;
}
