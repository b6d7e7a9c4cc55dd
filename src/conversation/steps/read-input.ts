import type { I18n } from '../../contracts/i18n.js';
import type { FilePart, MessagePart } from '../../contracts/message.js';
import type { TurnInput } from '../../contracts/run-turn.js';
import type { InboxEvent } from '../../contracts/turn.js';
import { isStaffMember } from '../is-staff.js';
import { turnLocale } from '../language.js';
import { smallTalkIn, withoutCourtesies } from '../small-talk/small-talk.js';
import type { TurnState } from '../turn-state.js';

/** Joins the burst, and decides the turn's language and the person's rights. */
export function readInput(
  input: TurnInput,
  i18n: I18n,
  now: Date,
  { tell, remember }: Pick<TurnState, 'tell' | 'remember'>,
): TurnState {
  const { scope, conversation, contact, events } = input;
  const text = events
    .map((item) => textOf(item))
    .filter((part) => part !== '')
    .join('\n');
  const locale = turnLocale(
    {
      text: events.some((item) => item.event.type === 'message') ? text : '',
      preferred: contact.locale,
      requested: events[0]?.event.sender.locale,
      previous: conversation.locale,
      languageTag: events[0]?.event.sender.languageTag,
      fallback: scope.settings.locale,
    },
    i18n,
  );
  return {
    ...input,
    locale,
    t: i18n.translator(locale),
    text,
    question: withoutCourtesies(text),
    smallTalk: smallTalkIn(text),
    files: events.flatMap((item) => filesOf(item)),
    isStaff: isStaffMember(scope, contact, conversation, events[0]?.event.sender),
    now,
    tell,
    remember,
  };
}

function textOf({ event }: InboxEvent): string {
  switch (event.type) {
    case 'message':
      return joinTexts(event.parts);
    case 'command':
      return `/${event.name} ${event.argumentText}`.trim();
    case 'action':
    case 'edit':
    case 'delete':
    case 'reaction':
    case 'own-message':
      return '';
    default: {
      const unknown: never = event;
      throw new Error(`unknown event ${JSON.stringify(unknown)}`);
    }
  }
}

function joinTexts(parts: readonly MessagePart[]): string {
  return parts.flatMap((part) => (part.type === 'text' ? [part.text.trim()] : [])).join('\n');
}

/** The files of an event, in order. */
export function filesOf({ event }: InboxEvent): readonly FilePart[] {
  if (event.type === 'command') return event.files;
  if (event.type !== 'message') return [];
  return event.parts.filter((part) => part.type === 'file');
}
