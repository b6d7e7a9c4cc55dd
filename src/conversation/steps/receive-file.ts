import type { TurnAnswer } from '../../contracts/turn.js';
import { quote } from '../../lib/text/excerpt.js';
import { plainAnswer } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';
import { mayRead } from './read-attachments.js';
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
  if (text !== '' || isRead(state, deps)) return undefined;
  return describeReceived(state);
}

/** Describes a message that has no text. */
export function describeReceived(state: TurnState): TurnAnswer {
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

/** A picture or file without words is something to answer where a model reads it and may answer from it. */
function isRead({ files, scope }: TurnState, { chainFor }: ConversationDependencies): boolean {
  if (scope.settings.knowledge.only_documents || files.length === 0) return false;
  const chain = chainFor(scope.settings.models);
  return chain.writes && files.some((file) => mayRead(file, chain));
}
