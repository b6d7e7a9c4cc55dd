import type { APIModalInteractionResponseCallbackData } from 'discord.js';
import type { CommandMenuEntry, MenuOption } from '../../src/contracts/channel.js';
import type { CalledCommand } from './inbound/interaction.js';
import { shorten } from '../../src/lib/text/shorten.js';

/** Limits of a form. */
const MAX_FIELDS = 5;
const MAX_LABEL = 45;
const MAX_LENGTH = 4_000;

const TEXT_INPUT = 4;
const ROW = 1;
const ONE_LINE = 1;
const LINES = 2;

/** Interaction response type that opens a form (modal). */
export const SHOW_FORM = 9;

/**
 * The form for a called command that still lacks a required multi-line option, because nobody can type
 * several lines into a slash command. `undefined`: nothing of that kind is missing, or a form could not ask
 * for it.
 */
export function formFor(
  called: CalledCommand,
  menu: readonly CommandMenuEntry[],
  languageTag: string | undefined,
): APIModalInteractionResponseCallbackData | undefined {
  const entry = menu.find(({ name }) => name === called.name);
  const action =
    called.subcommand === undefined
      ? entry
      : entry?.subcommands.find(({ name }) => name === called.subcommand);
  if (action === undefined || action.options.length > MAX_FIELDS) return undefined;
  const values = new Map(called.options.map(({ name, value }) => [name, value]));
  const isMissing = ({ name, required, multiline }: MenuOption): boolean =>
    required && multiline === true && !values.has(name);
  const isText = ({ type }: MenuOption): boolean => type === 'text';
  if (!action.options.some(isMissing) || !action.options.every(isText)) return undefined;
  const locale = languageTag === 'id' ? 'id' : 'en';
  return {
    custom_id: ['/' + called.name, called.subcommand].filter(Boolean).join(' '),
    title: shorten(action.description[locale], MAX_LABEL),
    components: action.options.map((option) => field(option, values.get(option.name), locale)),
  };
}

function field(
  { name, description, required, multiline, maxLength = MAX_LENGTH }: MenuOption,
  value: unknown,
  locale: 'en' | 'id',
): APIModalInteractionResponseCallbackData['components'][number] {
  return {
    type: ROW,
    components: [
      {
        type: TEXT_INPUT,
        custom_id: name,
        style: multiline === true ? LINES : ONE_LINE,
        label: shorten(description[locale], MAX_LABEL) || name,
        required,
        max_length: Math.min(maxLength, MAX_LENGTH),
        ...(typeof value === 'string' ? { value: shorten(value, Math.min(maxLength, MAX_LENGTH), '') } : {}),
      },
    ],
  };
}
