import type { SearchHit } from '../../contracts/retriever.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { Turn } from '../../contracts/turn.js';
import { questionsBefore } from '../../lib/follow-up.js';
import type { TurnState } from '../turn-state.js';

/** Passages that share less of the question's information than this are noise to a model. */
const MIN_COVERAGE = 0.12;

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
  const { hits } = await deps.knowledge.retriever(state.scope).search(
    {
      query: [...before, state.question].join('\n'),
      topK: state.scope.settings.knowledge.top_k,
      mode: 'hybrid',
    },
    state.signal,
  );
  return hits.filter((hit) => hit.coverage >= MIN_COVERAGE || (hit.scores.semantic ?? 0) > 0);
}
