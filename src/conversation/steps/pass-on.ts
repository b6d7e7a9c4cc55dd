import type { RelayedMessage } from '../../contracts/hand-over.js';
import type { FilePart } from '../../contracts/message.js';
import type { InboxEvent, StoredFile, TurnAnswer } from '../../contracts/turn.js';
import { quote } from '../../lib/text/excerpt.js';
import { fileKindOf } from '../../lib/file-kind.js';
import { partText } from '../../lib/text/part-text.js';
import { plainAnswer, silence } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';
import { filesOf } from './read-input.js';

/**
 * Relays messages between a customer and the staff member answering them; the bot says nothing. `undefined`:
 * the conversation is not connected to another.
 */
export async function passOn(
  state: TurnState,
  deps: Pick<ConversationDependencies, 'handOver' | 'download'>,
): Promise<TurnAnswer | undefined> {
  const { conversation, contact, scope, t } = state;
  if (conversation.attends !== undefined) {
    const outcome = await deps.handOver.fromDesk(
      scope,
      { conversation, contact },
      await relayedMessageOf(state, deps),
    );
    if (outcome?.type === 'ended') {
      return plainAnswer(state, 'command', t('handover.deskEnded', { name: outcome.title }));
    }
    if (outcome !== undefined) return silence(state, 'human');
  }
  if (conversation.mode !== 'human' || conversation.desk === undefined) return undefined;
  await deps.handOver.fromPerson(scope, conversation, contact, await relayedMessageOf(state, deps));
  return silence(state, 'human');
}

async function relayedMessageOf(
  state: TurnState,
  deps: Pick<ConversationDependencies, 'download'>,
): Promise<RelayedMessage> {
  const { events } = state;
  const corrects = await correctedBy(state);
  const files = await Promise.all(
    events.flatMap((event) => filesOf(event).map((file) => saved(file, event, state, deps))),
  );
  const notes = files.flatMap((file) => (typeof file === 'string' ? [file] : []));
  return {
    key: events[0]?.key ?? '',
    ...(corrects === undefined ? {} : { corrects }),
    text: [...events.flatMap(wordsOf), ...notes].join('\n'),
    files: files.filter((file) => typeof file !== 'string'),
  };
}

/** For an edited message: the relayed message to correct, if that carried nothing else. */
async function correctedBy({
  corrects,
  events,
  conversation,
  scope,
}: TurnState): Promise<RelayedMessage['corrects']> {
  const event = events[0]?.event;
  if (corrects === undefined || event?.type !== 'message') return undefined;
  const [first] = await scope.inbox.versions(conversation.id, event.messageId);
  const passedOn = first === undefined ? undefined : await scope.turns.answering(first.key);
  return { key: passedOn?.eventIds.length === 1 ? first?.key : undefined };
}

function wordsOf({ event }: InboxEvent): string[] {
  if (event.type !== 'message') return [];
  return event.parts.flatMap((part) => (part.type === 'file' ? [] : [partText(part)]));
}

/** The file copied to our own storage, or a line about it if the platform does not provide it. */
async function saved(
  file: FilePart,
  event: InboxEvent,
  { scope, signal, t }: TurnState,
  { download }: Pick<ConversationDependencies, 'download'>,
): Promise<StoredFile | string> {
  const name = file.fileName ?? file.kind;
  try {
    const bytes = await download(scope, event, file, signal);
    const mediaType = file.mediaType ?? 'application/octet-stream';
    const kind = file.kind === 'document' ? fileKindOf(mediaType) : file.kind;
    return await scope.files.save({ kind, fileName: name, mediaType, bytes });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    return t('handover.fileNotPassedOn', { name: quote(name) });
  }
}
