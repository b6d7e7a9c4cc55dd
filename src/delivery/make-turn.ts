import type { ChannelCapabilities } from '../contracts/channel.js';
import type { TurnOutput } from '../contracts/run-turn.js';
import type { InboxEvent, Turn } from '../contracts/turn.js';

/** The record of an answer, ready to be committed. */
export function makeTurn(made: {
  readonly id: string;
  /** At least one: what is answered. */
  readonly events: readonly InboxEvent[];
  /** Keys of all events that need no other answer: those of `events` and of their corrections. */
  readonly eventIds: readonly string[];
  readonly output: TurnOutput;
  readonly capabilities: ChannelCapabilities;
  readonly now: Date;
  readonly tookMs: number;
}): Turn {
  const { id, events, eventIds, output, capabilities, now, tookMs } = made;
  const [first] = events;
  const last = events.at(-1);
  if (first === undefined || last === undefined) throw new Error('a turn needs an event');
  const { conversationId, contactId, accountId, channel } = first;
  const { answer, input } = output;
  // Where the caller waits for the answer, committing it is handing it over.
  const handedOver = capabilities.delivery === 'response' || answer.bubbles.length === 0;
  const replyTo = 'messageId' in last.event ? last.event.messageId : undefined;
  return {
    id,
    conversationId,
    contactId,
    accountId,
    channel,
    chat: first.event.chat,
    origin: { type: 'events' },
    eventIds,
    input,
    ...(replyTo === undefined ? {} : { replyToMessageId: replyTo }),
    answer,
    deliveries: answer.bubbles.map(() =>
      handedOver ? { state: 'sent', receipt: { sentAt: now }, wasInDoubt: false } : { state: 'pending' },
    ),
    status: handedOver ? 'done' : 'waiting',
    createdAt: now,
    tookMs: Math.round(tookMs),
  };
}
