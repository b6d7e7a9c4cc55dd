import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';
import { runCommand } from './run-command.js';

/**
 * A message that is only files: from staff a document becomes knowledge, from anyone else it is
 * acknowledged honestly, because what is in it cannot be read yet.
 */
export async function receiveFile(state: TurnState, deps: ConversationDependencies): Promise<TurnAnswer> {
  const { files, events, isStaff, t } = state;
  const [event] = events;
  const [file] = files;
  if (isStaff && event !== undefined && file?.kind === 'document') {
    const { answer } = await runCommand({ name: 'kb', argumentText: 'add', files, event }, state, deps);
    return answer;
  }
  const key = file?.kind === 'document' ? 'fallback.fileReceived' : 'fallback.fileUnsupported';
  return plainAnswer(state, 'fallback', t(key, { fileName: file?.fileName ?? '' }));
}
