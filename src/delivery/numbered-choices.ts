import type { Button, ChannelCapabilities } from '../contracts/channel.js';
import type { TenantScope } from '../contracts/stores.js';
import type { Bubble, InboxEvent } from '../contracts/turn.js';
import { escapeMarkdown } from '../lib/text/escape-markdown.js';

/** A message that is only a number: "2", "2.", "(2)". */
const NUMBER = /^\s*\(?(\d{1,2})[.)]?\s*$/;

/** Renders buttons as numbered lines on platforms without buttons; sending the number presses the button. */
export function withNumbers(
  bubbles: readonly Bubble[],
  { buttons, delivery }: ChannelCapabilities,
): readonly Bubble[] {
  // A waiting caller receives the choices separately from the text.
  if (buttons || delivery === 'response') return bubbles;
  return bubbles.map((bubble) => {
    const choices = choicesOf(bubble);
    if (choices.length === 0) return bubble;
    const lines = choices.map(({ label }, index) => `${index + 1}. ${escapeMarkdown(label)}`);
    return { ...bubble, text: [bubble.text, lines.join('\n')].filter((text) => text !== '').join('\n\n') };
  });
}

/** Turns a number that matches a choice of the newest turn into a press of that button. */
export async function pressedChoice(
  events: readonly InboxEvent[],
  scope: TenantScope,
  { buttons, delivery }: ChannelCapabilities,
): Promise<readonly InboxEvent[]> {
  const [item] = events;
  if (buttons || delivery === 'response' || item === undefined || events.length > 1) return events;
  const number = numberIn(item);
  if (number === undefined) return events;
  const [newest] = await scope.turns.recent(item.conversationId, 1);
  const choices = newest?.answer.bubbles.findLast((bubble) => choicesOf(bubble).length > 0);
  const choice = choices === undefined ? undefined : choicesOf(choices)[number - 1];
  if (choice === undefined) return events;
  const { eventId, sequence, sentAt, chat, sender } = item.event;
  return [
    { ...item, event: { type: 'action', eventId, sequence, sentAt, chat, sender, action: choice.action } },
  ];
}

function numberIn({ event }: InboxEvent): number | undefined {
  if (event.type !== 'message') return undefined;
  const [part] = event.parts;
  const digits = event.parts.length === 1 && part?.type === 'text' ? NUMBER.exec(part.text)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}

function choicesOf({ buttons }: Bubble): readonly Button[] {
  return (buttons ?? []).flat();
}
