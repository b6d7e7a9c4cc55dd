import type { Turn } from '../../contracts/turn.js';
import type { TurnState } from '../turn-state.js';

/** Earlier turns a question is understood with. */
const HISTORY_TURNS = 12;

/** What this conversation said since the person wanted it forgotten, oldest first, without commands. */
export async function readHistory({ scope, conversation }: TurnState): Promise<readonly Turn[]> {
  const turns = await scope.turns.recent(conversation.id, HISTORY_TURNS);
  const since = conversation.forgottenBefore?.getTime() ?? 0;
  return turns.filter((turn) => turn.createdAt.getTime() > since && turn.answer.source !== 'command');
}
