import type { AnswerFinder } from '../contracts/answers.js';
import type { Retriever } from '../contracts/retriever.js';
import type { TenantScope } from '../contracts/stores.js';
import { detectLocale } from './parse/detect-locale.js';

/** A question and the document that answers it. */
export interface Judgement {
  readonly question: string;
  readonly documentId: string;
}

export interface Evaluation {
  readonly id: string;
  readonly questions: number;
  /** Share of the questions whose document is among the first 1, 3, 5 and 10 found, 0..1. */
  readonly recall: Readonly<Record<'1' | '3' | '5' | '10', number>>;
  /** How high the document ranks, 0..1. */
  readonly ndcg10: number;
  /** Questions to which Sapa would reply that it does not know. */
  readonly refusals: number;
  /** Questions whose document was not among the first ten. */
  readonly missed: readonly string[];
  readonly createdAt: Date;
}

/** Chunks to search for: one document may account for several of the best. */
const DEPTH = 50;
const NDCG_DEPTH = 10;

/** Asks the business's own knowledge each question, as a customer would. */
export async function evaluate(
  scope: TenantScope,
  judgements: readonly Judgement[],
  { retriever, finder }: { readonly retriever: Retriever; readonly finder: Pick<AnswerFinder, 'find'> },
  signal: AbortSignal,
): Promise<Omit<Evaluation, 'id' | 'createdAt'>> {
  const ranks: number[] = [];
  let refusals = 0;
  for (const { question, documentId } of judgements) {
    const { hits } = await retriever.search({ query: question, topK: DEPTH, mode: 'hybrid' }, signal);
    const documents = [...new Set(hits.map((hit) => hit.documentId))];
    const place = documents.slice(0, NDCG_DEPTH).indexOf(documentId);
    ranks.push(place === -1 ? Infinity : place + 1);
    const locale = (await detectLocale(question)) ?? scope.settings.locale;
    const { type } = await finder.find(scope, { text: question, before: [], locale });
    if (type === 'none') refusals += 1;
    signal.throwIfAborted();
  }
  const part = (within: number): number => ranks.filter((rank) => rank <= within).length / ranks.length;
  return {
    questions: judgements.length,
    recall: { 1: part(1), 3: part(3), 5: part(5), 10: part(NDCG_DEPTH) },
    // Only one document is right, so the best possible sum is 1.
    ndcg10: ranks.reduce((sum, rank) => sum + 1 / Math.log2(rank + 1), 0) / ranks.length,
    refusals,
    missed: judgements.filter((_, index) => ranks[index] === Infinity).map(({ question }) => question),
  };
}
