import type { SearchHit } from '../../contracts/retriever.js';
import type { Citation } from '../../contracts/turn.js';
import { wordsOf } from '../words-of.js';

const MAX_QUOTE_LENGTH = 300;

/**
 * The passages an answer is based on, numbered from 1 as in its text; `sources` are their positions, from 1.
 */
export function cite(
  text: string,
  sources: readonly number[],
  hits: readonly SearchHit[],
): readonly Citation[] {
  return sources.flatMap((source, index): Citation[] => {
    const hit = hits[source - 1];
    if (hit === undefined) return [];
    const { documentId, chunkId, title, score } = hit;
    return [{ n: index + 1, documentId, chunkId, title, score, quote: bestPassage(hit.text, text) }];
  });
}

/** The line or sentence of a passage that shares the most words with the answer. */
function bestPassage(passage: string, answer: string): string {
  const answerWords = new Set(wordsOf(answer));
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });
  let best = { text: passage, score: -1 };
  for (const line of passage.split('\n')) {
    for (const { segment } of segmenter.segment(line)) {
      const words = wordsOf(segment);
      const score = words.filter((word) => answerWords.has(word)).length / Math.sqrt(words.length + 1);
      if (words.length > 0 && score > best.score) best = { text: segment.trim(), score };
    }
  }
  return cut(best.text);
}

function cut(text: string): string {
  if (text.length <= MAX_QUOTE_LENGTH) return text;
  const end = text.lastIndexOf(' ', MAX_QUOTE_LENGTH - 1);
  return `${text.slice(0, end > 0 ? end : MAX_QUOTE_LENGTH - 1)}…`;
}
