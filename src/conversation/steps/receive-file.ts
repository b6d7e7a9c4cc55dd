import type { TurnAnswer } from '../../contracts/turn.js';
import { allowedChain } from '../../lib/allowed-chain.js';
import { quote } from '../../lib/excerpt.js';
import { plainAnswer } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';
import { runCommand } from './run-command.js';

/**
 * Reads documents from staff, shows what was read, and stores it as knowledge only once they confirm. For
 * anyone else, describes a message without text and offers a person, because its content cannot be read.
 * `undefined`: there is something else to answer.
 */
export async function receiveFile(
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  const { files, events, isStaff, text } = state;
  const [event] = events;
  const documents = files.filter(({ kind }) => kind === 'document');
  if (isStaff && event !== undefined && documents.length > 0) {
    const call = { name: 'kb', subcommand: 'preview', argumentText: '', files: documents, event };
    const { answer } = await runCommand(call, state, deps);
    return answer;
  }
  if (text !== '' || isSeen(state, deps)) return undefined;
  return sayWhatCame(state);
}

/** Describes a message that has no text. */
export function sayWhatCame(state: TurnState): TurnAnswer {
  const { files, events, t } = state;
  const part = events.flatMap((item) => (item.event.type === 'message' ? item.event.parts : []))[0];
  const kind = part?.type === 'file' ? part.kind : (part?.type ?? 'document');
  const [file] = files;
  const words =
    kind === 'document' && file?.fileName !== undefined
      ? t('fallback.fileReceived', { fileName: quote(file.fileName) })
      : t('fallback.partReceived', { kind });
  return plainAnswer(state, 'fallback', words, [[{ label: t('button.human'), action: '/human' }]]);
}

/** An image without text can be answered if a model sees it and is allowed to answer from it. */
function isSeen({ files, scope }: TurnState, { chainFor }: ConversationDependencies): boolean {
  if (scope.settings.knowledge.only_documents || !files.some(({ kind }) => kind === 'image')) return false;
  const chain = chainFor(allowedChain(scope.settings.models));
  return chain.writes && chain.seesImages;
}
