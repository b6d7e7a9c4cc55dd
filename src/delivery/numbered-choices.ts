import type { Button, ChannelCapabilities } from '../contracts/channel.js';
import type { TenantScope } from '../contracts/stores.js';
import type { Bubble, InboxEvent, TurnAnswer } from '../contracts/turn.js';
import { escapeMarkdown } from '../lib/text/escape-markdown.js';

/** A message that is only a number or a letter: "2", "2.", "(b)". */
const MARK = /^\s*\(?(\d{1,2}|[a-z])[.)]?\s*$/i;

const FIRST_LETTER = 0x61;

/**
 * Renders buttons as numbered lines on platforms without buttons; sending the number presses the button. If
 * the answer asks for input, which may be a number, letters mark the lines.
 */
export function withNumbers(
  bubbles: readonly Bubble[],
  { buttons, delivery }: ChannelCapabilities,
  { asks }: Pick<TurnAnswer, 'asks'> = {},
): readonly Bubble[] {
  // A waiting caller receives the choices separately from the text.
  if (buttons || delivery === 'response') return bubbles;
  return bubbles.map((bubble) => {
    const choices = choicesOf(bubble);
    if (choices.length === 0) return bubble;
    const lines = choices.map(({ label }, index) => `${markOf(index, asks)}. ${escapeMarkdown(label)}`);
    return { ...bubble, text: [bubble.text, lines.join('\n')].filter((text) => text !== '').join('\n\n') };
  });
}

/** Turns the mark of a choice of the newest turn, or a label as short as one, into a press of that button. */
export async function pressedChoice(
  events: readonly InboxEvent[],
  scope: TenantScope,
  { buttons, delivery }: ChannelCapabilities,
): Promise<readonly InboxEvent[]> {
  const [item] = events;
  if (buttons || delivery === 'response' || item === undefined || events.length > 1) return events;
  const mark = markIn(item);
  if (mark === undefined) return events;
  const [newest] = await scope.turns.recent(item.conversationId, 1);
  const bubble = newest?.answer.bubbles.findLast((each) => choicesOf(each).length > 0);
  if (newest === undefined || bubble === undefined) return events;
  const choice = chosen(mark, choicesOf(bubble), newest.answer);
  if (choice === undefined) return events;
  const { eventId, sequence, sentAt, chat, sender } = item.event;
  return [
    { ...item, event: { type: 'action', eventId, sequence, sentAt, chat, sender, action: choice.action } },
  ];
}

/** A label counts before a mark: of "1. 3" and "2. 1", "1" is the second. */
function chosen(
  mark: string,
  choices: readonly Button[],
  { asks }: Pick<TurnAnswer, 'asks'>,
): Button | undefined {
  return (
    choices.find(({ label }) => label.toLowerCase() === mark) ??
    choices.find((_, index) => markOf(index, asks) === mark)
  );
}

function markOf(index: number, asks: string | undefined): string {
  return asks === undefined ? String(index + 1) : String.fromCodePoint(FIRST_LETTER + index);
}

function markIn({ event }: InboxEvent): string | undefined {
  if (event.type !== 'message') return undefined;
  const [part] = event.parts;
  const isText = event.parts.length === 1 && part?.type === 'text';
  return isText ? MARK.exec(part.text)?.[1]?.toLowerCase() : undefined;
}

function choicesOf({ buttons }: Bubble): readonly Button[] {
  return (buttons ?? []).flat();
}
