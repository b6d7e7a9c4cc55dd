import type { SearchHit } from '../../contracts/retriever.js';
import type { Turn } from '../../contracts/turn.js';
import { questionsBefore } from '../../lib/follow-up.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';

/** Passages that share less of the question's information than this are noise to a model. */
const MIN_COVERAGE = 0.12;
/** What a passage in another language than the person's is worth: it is told when nothing else is. */
const OTHER_LANGUAGE_WEIGHT = 0.9;
/** Looked at for each passage that is told. */
const CANDIDATES = 2;
/** The contract's largest `topK`. */
const MOST_CANDIDATES = 50;

/**
 * The passages that may answer the question, best first. A follow-up ("and the black one?") is
 * searched together with the question of this conversation that it goes on from.
 */
export async function retrieve(
  state: TurnState,
  history: readonly Turn[],
  deps: ConversationDependencies,
): Promise<readonly SearchHit[]> {
  // Nothing is asked with a greeting: whatever shares a word with it would only mislead.
  if (state.text === '' || state.smallTalk !== undefined) return [];
  state.emit({ type: 'status', state: 'searching' });
  const before = questionsBefore(
    state.question,
    history.map(({ input }) => input),
  );
  const wanted = state.scope.settings.knowledge.top_k;
  const topK = Math.min(MOST_CANDIDATES, wanted * CANDIDATES);
  const query = [...before, state.question].join('\n');
  const { hits } = await deps.knowledge
    .retriever(state.scope)
    .search({ query, topK, mode: 'hybrid' }, state.signal);
  return hits
    .filter((hit) => hit.coverage >= MIN_COVERAGE || (hit.scores.semantic ?? 0) > 0)
    .map((hit) => ({ ...hit, score: hit.score * languageWeight(hit, state) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, wanted);
}

function languageWeight({ locale }: SearchHit, state: TurnState): number {
  return locale === undefined || locale === state.locale ? 1 : OTHER_LANGUAGE_WEIGHT;
}
