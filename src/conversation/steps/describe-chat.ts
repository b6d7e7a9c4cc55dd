import type { TurnState } from '../turn-state.js';

/** Maximum number of facts about a person given to a model, and the maximum length of one. */
const MOST_FACTS = 20;
const LONGEST_FACT = 200;

/** Where the conversation takes place, and what can be displayed there. */
export function describeChat({ conversation, capabilities }: TurnState): string {
  const { textLimit, shows } = capabilities;
  const isGroup = conversation.chat.kind === 'group';
  return [
    `${isGroup ? 'A group, where others read along' : 'A private chat'}, on ${conversation.channel}.`,
    `One message holds ${textLimit} characters.`,
    shows === undefined || shows.marks ? '' : 'Marks like ** are not shown: write plain text.',
    shows === undefined || shows.namedLinks ? '' : 'A link is shown as its bare address.',
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/**
 * What is known about the person being answered, and from where. In groups this is only the name, and after a
 * request to forget it is nothing. Tags and notes are the business's own remarks and are never included.
 */
export function describePerson({ contact, conversation, scope }: TurnState): string {
  if (contact.isUntold === true) return '';
  const name = contact.name === undefined ? [] : [`Name: ${oneLine(contact.name)} (as the chat shows it)`];
  if (conversation.chat.kind === 'group') return name.join('\n');
  const hidden = new Set(
    scope.settings.contact_fields.filter(({ internal }) => internal).map((field) => field.name),
  );
  const facts = Object.entries(contact.fields)
    .filter(([field]) => !hidden.has(field))
    .slice(0, MOST_FACTS)
    .map(([field, value]) => `${oneLine(field)}: ${oneLine(String(value))} (kept by the business)`);
  return [...name, ...facts].join('\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/gu, ' ').trim().slice(0, LONGEST_FACT);
}
