import type { SearchHit } from '../../contracts/retriever.js';
import type { Citation } from '../../contracts/turn.js';

const MAX_QUOTE_LENGTH = 300;
const MARKER = /\s?\[(\d{1,2})\]/g;
/** Several at once: `[1, 3]`. */
const MARKERS = /\[(\d{1,2}(?:\s?,\s?\d{1,2})*)\]/g;

/** The text without markers that point at nothing, when `count` documents were given. */
export function withoutDanglingMarkers(text: string, count: number): string {
  return text.replace(MARKER, (marker, digits: string) => (isNumber(Number(digits), count) ? marker : ''));
}

/** The passages that the `[n]` of an answer cite, of those given as documents 1 to n; best first. */
export function cite(text: string, hits: readonly SearchHit[]): readonly Citation[] {
  const cited = new Set(
    [...text.matchAll(MARKERS)]
      .flatMap(([, list = '']) => list.split(',').map(Number))
      .filter((n) => isNumber(n, hits.length)),
  );
  return [...cited]
    .sort((a, b) => a - b)
    .flatMap((n): Citation[] => {
      const hit = hits[n - 1];
      if (hit === undefined) return [];
      const { documentId, chunkId, title, score } = hit;
      return [{ n, documentId, chunkId, title, score, quote: bestPassage(hit.text, text) }];
    });
}

function isNumber(n: number, count: number): boolean {
  return n >= 1 && n <= count;
}

/** The line or sentence of a passage that shares most words with the answer. */
function bestPassage(passage: string, answer: string): string {
  const wanted = new Set(wordsOf(answer));
  const segmenter = new Intl.Segmenter(undefined, { granularity: 'sentence' });
  let best = { text: passage, score: -1 };
  for (const line of passage.split('\n')) {
    for (const { segment } of segmenter.segment(line)) {
      const words = wordsOf(segment);
      const score = words.filter((word) => wanted.has(word)).length / Math.sqrt(words.length + 1);
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

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}
