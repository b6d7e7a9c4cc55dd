import type { AskedQuestion, KnowledgePiece } from '../../contracts/answers.js';
import type { SearchHit } from '../../contracts/retriever.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { rerank } from './rerank.js';
import { rewriteQuestion } from './rewrite-question.js';

/** Passages that share less of the question's information than this are noise to a model. */
const MIN_COVERAGE = 0.12;
/** What a passage in another language than the person's is worth: it is told when nothing else is. */
const OTHER_LANGUAGE_WEIGHT = 0.9;
/** Looked at for each passage that is told. */
const CANDIDATES = 2;
/** The contract's largest `topK`. */
const MOST_CANDIDATES = 50;
/** Characters a token stands for, on the safe side. */
const CHARACTERS_A_TOKEN = 3.2;
/** How much the first places count over the next ones when two orders are joined by rank. */
const RANK_OFFSET = 10;

/** What may answer a question: a passage of a document, or an entry of the FAQ under its own id. */
export interface Source extends SearchHit {
  readonly kind: 'document' | 'faq';
  /** Fits the question best. */
  readonly isBest: boolean;
}

export interface PromptKnowledge {
  readonly sources: readonly Source[];
  /** All that is known, in an order that does not change with the question. */
  readonly isAll: boolean;
  /** Chunks (or entries) that fit the question best, best first. */
  readonly best: readonly string[];
}

/**
 * What a model is told of the knowledge: all of it in a stable order where it fits the budget, with
 * what fits the question best marked; else the best by meaning and by words, until the budget is
 * full. A follow-up ("and the black one?") is searched together with what it goes on from, and as a
 * cheap model puts it, where one is there in time.
 */
export async function retrieve(
  state: TurnState,
  reads: TurnReads,
  deps: ConversationDependencies,
): Promise<PromptKnowledge> {
  // Nothing is asked with a greeting: whatever shares a word with it would only mislead.
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

/** What fits the question as a model has put it. */
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

/** Each piece by how far in front it stands in either order. */
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
