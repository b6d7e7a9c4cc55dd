import type { ChannelCapabilities } from '../contracts/channel.js';
import type { Connected } from '../contracts/chat.js';
import type { TurnOutput, TurnSubject } from '../contracts/run-turn.js';
import type { Bubble, BubbleDelivery, InboxEvent, StoredFile, Turn } from '../contracts/turn.js';
import { withNumbers } from './numbered-choices.js';
import { sendingNow } from './outbound-of.js';

/** Builds the record of an answer, ready to commit. */
export function makeTurn(parts: {
  readonly input: TurnSubject;
  /** Keys of all events this turn settles: those of the input and their corrections. */
  readonly eventIds: readonly string[];
  readonly output: TurnOutput;
  /** Sent after the bubbles. */
  readonly files: readonly StoredFile[];
  readonly connected: Connected;
  /** This process, if it sends the first bubble right away, so that marking it separately is unnecessary. */
  readonly sender: string | undefined;
  readonly now: Date;
  readonly tookMs: number;
}): Turn {
  const { input, eventIds, output, files, connected, sender, now, tookMs } = parts;
  const { capabilities } = connected.channel;
  const { events, conversation, corrects } = input;
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) throw new Error('a turn needs an event');
  const { conversationId, contactId, accountId, channel } = first;
  const { answer } = output;
  const texts = withNumbers(correcting(answer.bubbles, corrects, capabilities), capabilities, answer);
  const bubbles = [...texts, ...files.map((file): Bubble => ({ type: 'file', text: '', file }))];
  // If a caller waits for the answer, committing it delivers it.
  const handedOver = capabilities.delivery === 'response' || bubbles.length === 0;
  const replyTo = 'messageId' in last.event ? last.event.messageId : undefined;
  const delivery = (index: number): BubbleDelivery => {
    if (handedOver) return { state: 'sent', receipt: { sentAt: now }, wasInDoubt: false };
    if (index > 0 || sender === undefined) return { state: 'pending' };
    return sendingNow(first.event.chat, connected, { owner: sender, since: now, attempt: 1 });
  };
  return {
    id: input.turnId,
    conversationId,
    contactId,
    accountId,
    channel,
    chat: first.event.chat,
    origin: { type: 'events' },
    ...(isBoundToMode(output) ? { modeNumber: conversation.modeNumber } : {}),
    eventIds,
    input: output.input,
    ...(replyTo === undefined ? {} : { replyToMessageId: replyTo }),
    ...interactionOf(last),
    answer: { ...output.answer, bubbles },
    deliveries: bubbles.map((_, index) => delivery(index)),
    status: handedOver ? 'done' : 'waiting',
    createdAt: now,
    tookMs: Math.round(tookMs),
  };
}

/** A command's reply goes to whoever gave the command, even while a person is answering there. */
function isBoundToMode({ answer, changesMode }: TurnOutput): boolean {
  return answer.source !== 'command' && changesMode !== true;
}

function interactionOf({ event, receivedAt }: InboxEvent): Pick<Turn, 'interaction'> {
  const isCall = event.type === 'command' || event.type === 'action';
  if (!isCall || event.interactionToken === undefined) return {};
  return { interaction: { token: event.interactionToken, receivedAt } };
}

/**
 * The new answer to an edited message replaces the old one if that was a single, editable message; otherwise
 * it follows as a new message. An identical answer is not repeated.
 */
function correcting(
  bubbles: readonly Bubble[],
  corrects: Turn | undefined,
  { edits }: ChannelCapabilities,
): readonly Bubble[] {
  const [only, ...more] = bubbles;
  const [delivery, ...others] = corrects?.deliveries ?? [];
  if (corrects === undefined || only?.type !== 'text' || delivery?.state !== 'sent') return bubbles;
  if (corrects.answer.text === bubbles.map(({ text }) => text).join('\n\n')) return [];
  const { messageId } = delivery.receipt;
  if (!edits || messageId === undefined || more.length > 0 || others.length > 0) return bubbles;
  return [{ ...only, type: 'edit', messageId }];
}
