import type { AskedQuestion, KnowledgePiece } from '../../contracts/answers.js';
import type { SearchHit } from '../../contracts/retriever.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { rerank } from './rerank.js';
import { rewriteQuestion } from './rewrite-question.js';

/** Passages covering less of the question's information than this are noise to a model. */
const MIN_COVERAGE = 0.12;
/** Weight of a passage in another language than the person's: used when nothing else matches. */
const OTHER_LANGUAGE_WEIGHT = 0.9;
/** Candidates considered for each passage passed on. */
const CANDIDATES = 2;
/** The contract's maximum `topK`. */
const MOST_CANDIDATES = 50;
/** Characters per token, estimated conservatively. */
const CHARACTERS_A_TOKEN = 3.2;
/** How strongly top positions count when two rankings are combined. */
const RANK_OFFSET = 10;

/** A possible source for the answer: a passage of a document, or an FAQ entry under its own id. */
export interface Source extends SearchHit {
  readonly kind: 'document' | 'faq';
  /** One of the best matches for the question. */
  readonly isBest: boolean;
}

export interface PromptKnowledge {
  readonly sources: readonly Source[];
  /** The complete knowledge, in an order that does not depend on the question. */
  readonly isAll: boolean;
  /** Ids of the chunks or entries that match the question best, best first. */
  readonly best: readonly string[];
}

/**
 * Selects the knowledge given to a model: all of it in a stable order if it fits the budget, with the best
 * matches marked; otherwise the best by meaning and by words until the budget is full. A follow-up ("and the
 * black one?") is searched together with the question it continues and, if a cheap model is fast enough, as
 * rewritten by it.
 */
export async function retrieve(
  state: TurnState,
  reads: TurnReads,
  deps: ConversationDependencies,
): Promise<PromptKnowledge> {
  // A greeting asks nothing, and passages that happen to share a word with it would mislead.
  if (state.text === '' || state.smallTalk !== undefined) return { sources: [], isAll: false, best: [] };
  state.emit({ type: 'status', state: 'searching' });
  const { scope, question, locale } = state;
  const before = await reads.questionsBefore();
  const request: AskedQuestion = { text: question, before, locale };
  const budget = scope.settings.knowledge.prompt_tokens;
  const knowledge = await deps.finder.gather(scope, request, budget);
  const best = new Set(knowledge.best);
  const toSource = (piece: KnowledgePiece): Source => sourceOf(piece, best);
  if (knowledge.isAll) return { ...knowledge, sources: knowledge.pieces.map(toSource) };
  const [hits, rewritten] = await Promise.all([
    search([...before, question].join('\n'), state, deps),
    before.length === 0 ? undefined : rewriteQuestion(state, reads, deps),
  ]);
  const orders = [knowledge.pieces, hits, ...(await ordersOf(rewritten, state, deps))];
  const ordered = await rerank(
    joinByRank(...orders),
    rewritten ?? [...before, question].join('\n'),
    state,
    deps,
  );
  return { ...knowledge, sources: withinBudget(ordered, budget).map(toSource) };
}

/** The rankings for the question and for its rewritten form. */
async function ordersOf(
  text: string | undefined,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<readonly (readonly KnowledgePiece[])[]> {
  if (text === undefined) return [];
  const { scope, locale } = state;
  const budget = scope.settings.knowledge.prompt_tokens;
  const [knowledge, hits] = await Promise.all([
    deps.finder.gather(scope, { text, before: [], locale }, budget),
    search(text, state, deps),
  ]);
  return [knowledge.pieces, hits];
}

async function search(
  query: string,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<readonly KnowledgePiece[]> {
  const hitCount = state.scope.settings.knowledge.top_k;
  const topK = Math.min(MOST_CANDIDATES, hitCount * CANDIDATES);
  const { hits } = await deps.knowledge
    .retriever(state.scope)
    .search({ query, topK, mode: 'hybrid' }, state.signal);
  return hits
    .filter((hit) => hit.coverage >= MIN_COVERAGE || (hit.scores.semantic ?? 0) > 0)
    .map((hit) => ({ ...hit, kind: 'document' as const, score: hit.score * languageWeight(hit, state) }))
    .sort((a, b) => b.score - a.score);
}

/** Combines rankings by each piece's positions in them. */
function joinByRank(...orders: readonly (readonly KnowledgePiece[])[]): readonly KnowledgePiece[] {
  const scores = new Map<string, { readonly piece: KnowledgePiece; readonly score: number }>();
  for (const order of orders) {
    order.forEach((piece, position) => {
      const previous = scores.get(piece.chunkId);
      const score = (previous?.score ?? 0) + 1 / (RANK_OFFSET + position);
      scores.set(piece.chunkId, { piece: previous?.piece ?? piece, score });
    });
  }
  return [...scores.values()].sort((a, b) => b.score - a.score).map(({ piece }) => piece);
}

function withinBudget(pieces: readonly KnowledgePiece[], budget: number): readonly KnowledgePiece[] {
  let tokens = 0;
  return pieces.filter(({ title, text }, position) => {
    tokens += (title.length + text.length) / CHARACTERS_A_TOKEN;
    return position === 0 || tokens <= budget;
  });
}

function sourceOf(piece: KnowledgePiece, best: ReadonlySet<string>): Source {
  const isBest = best.has(piece.chunkId);
  const score = isBest ? 1 : 0;
  return { ...piece, score, scores: {}, coverage: score, isBest };
}

function languageWeight({ locale }: SearchHit, state: TurnState): number {
  return locale === undefined || locale === state.locale ? 1 : OTHER_LANGUAGE_WEIGHT;
}
