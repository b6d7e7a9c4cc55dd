import MiniSearch from 'minisearch';

/** Answers without understanding, as anyone could build in an afternoon. */
export interface Rival {
  readonly name: string;
  answer(question: string): string;
}

/**
 * The best passage by MiniSearch's BM25: its first sentence, and the sentence that shares most words with the
 * question.
 */
export function rivals(passages: readonly string[]): readonly Rival[] {
  const index = new MiniSearch({ fields: ['text'] });
  index.addAll(passages.map((text, id) => ({ id, text })));
  const best = (question: string): readonly string[] => {
    const [hit] = index.search(question);
    return hit === undefined ? [] : sentencesOf(passages[Number(hit.id)] ?? '');
  };
  return [
    { name: 'first sentence', answer: (question) => best(question)[0] ?? '' },
    { name: 'likest sentence', answer: (question) => likest(question, best(question)) },
  ];
}

function sentencesOf(text: string): readonly string[] {
  return [...new Intl.Segmenter('en', { granularity: 'sentence' }).segment(text)].map(({ segment }) =>
    segment.trim(),
  );
}

function likest(question: string, sentences: readonly string[]): string {
  const queryWords = new Set(wordsOf(question));
  const shared = (sentence: string): number =>
    new Set(wordsOf(sentence).filter((word) => queryWords.has(word))).size;
  return sentences.toSorted((a, b) => shared(b) - shared(a))[0] ?? '';
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
