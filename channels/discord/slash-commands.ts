import { createHash } from 'node:crypto';
import type { CommandMenuEntry, MenuOption } from '../../src/contracts/channel.js';
import { shorten } from '../../src/lib/text/shorten.js';

/** Discord's limits for commands. */
const MAX_COMMANDS = 100;
const MAX_OPTIONS = 25;
const MAX_CHOICES = 25;
const MAX_TEXT = 100;
const MAX_FILES = 5;

/** Holds the commands that do not fit, as subcommands; further ones are `more_2`, `more_3`. */
const OVERFLOW_COMMAND = 'more';

/** Default permission for staff commands (Manage Guild), until the guild's admins change it. */
const MANAGE_GUILD = '32';
/** Staff commands are limited to guilds, because a private chat has no permissions to check. */
const ONLY_IN_GUILDS = [0];

const CHAT_INPUT = 1;
const SUBCOMMAND = 1;
const GROUP = 2;
const TYPES = {
  text: 3,
  choice: 3,
  contact: 3,
  conversation: 3,
  integer: 4,
  boolean: 5,
  number: 10,
  file: 11,
} as const satisfies Record<MenuOption['type'], number>;

type Action = Pick<CommandMenuEntry, 'name' | 'description' | 'options'>;

/** The menu as Discord registers it: at most 100 commands, the rest as subcommands of the last ones. */
export function toSlashCommands(menu: readonly CommandMenuEntry[]): readonly object[] {
  // Commands for everyone come first, so that the less used ones become subcommands.
  const ordered = [...menu].sort((a, b) => Number(a.audience === 'staff') - Number(b.audience === 'staff'));
  const holders = holdersFor(ordered.length);
  const direct = ordered.slice(0, MAX_COMMANDS - holders);
  const rest = ordered.slice(MAX_COMMANDS - holders);
  return [...direct.map(toCommand), ...overflow(rest)];
}

/** How many commands must hold others, so that all of them fit. */
function holdersFor(count: number): number {
  if (count <= MAX_COMMANDS) return 0;
  return Math.min(MAX_COMMANDS, Math.ceil((count - MAX_COMMANDS) / (MAX_OPTIONS - 1)));
}

function toCommand(entry: CommandMenuEntry): object {
  return {
    type: CHAT_INPUT,
    ...texts(entry),
    options: entry.subcommands.length > 0 ? subcommands(entry) : toOptions(entry.options),
    ...(entry.audience === 'staff'
      ? { default_member_permissions: MANAGE_GUILD, contexts: ONLY_IN_GUILDS }
      : {}),
  };
}

function subcommands(entry: CommandMenuEntry): readonly object[] {
  return entry.subcommands
    .slice(0, MAX_OPTIONS)
    .map((action) => ({ type: SUBCOMMAND, ...texts(action), options: toOptions(action.options) }));
}

function overflow(entries: readonly CommandMenuEntry[]): readonly object[] {
  const holders = Math.ceil(entries.length / MAX_OPTIONS);
  return Array.from({ length: holders }, (_, index) => ({
    type: CHAT_INPUT,
    name: index === 0 ? OVERFLOW_COMMAND : `${OVERFLOW_COMMAND}_${index + 1}`,
    description: 'More commands',
    description_localizations: { id: 'Perintah lainnya' },
    options: entries
      .slice(index * MAX_OPTIONS, (index + 1) * MAX_OPTIONS)
      .map((entry) =>
        entry.subcommands.length > 0
          ? { type: GROUP, ...texts(entry), options: subcommands(entry) }
          : { type: SUBCOMMAND, ...texts(entry), options: toOptions(entry.options) },
      ),
  }));
}

export function isOverflow(name: string): boolean {
  return name === OVERFLOW_COMMAND || name.startsWith(`${OVERFLOW_COMMAND}_`);
}

function texts({ name, description }: Action): object {
  return {
    name,
    description: cut(description.en),
    description_localizations: { id: cut(description.id) },
  };
}

/** Discord requires required options before optional ones. */
function toOptions(options: readonly MenuOption[]): readonly object[] {
  const required = (option: MenuOption): boolean => option.required && option.multiline !== true;
  return [...options]
    .sort((a, b) => Number(required(b)) - Number(required(a)))
    .flatMap((option) => toOption(option, required(option)))
    .slice(0, MAX_OPTIONS);
}

/** Multi-line options are asked for in a form, so they are optional here. */
function toOption(option: MenuOption, required: boolean): readonly object[] {
  const { name, type, description, choices = [], min, max, maxLength, many } = option;
  const fitting = choices.length > 0 && choices.length <= MAX_CHOICES;
  const common = {
    type: TYPES[type],
    description: cut(description.en),
    description_localizations: { id: cut(description.id) },
  };
  const first = {
    ...common,
    name,
    required,
    ...(fitting ? { choices: choices.map(toChoice) } : {}),
    ...(!fitting && option.suggests ? { autocomplete: true } : {}),
    ...(min === undefined ? {} : { min_value: min }),
    ...(max === undefined ? {} : { max_value: max }),
    ...(maxLength === undefined || type !== 'text' ? {} : { max_length: Math.min(maxLength, 6_000) }),
  };
  if (many !== true) return [first];
  const further = Array.from({ length: MAX_FILES - 1 }, (_, index) => ({
    ...common,
    name: `${name}_${index + 2}`,
    required: false,
  }));
  return [first, ...further];
}

function toChoice({ value, label }: NonNullable<MenuOption['choices']>[number]): object {
  return { name: cut(label.en), name_localizations: { id: cut(label.id) }, value };
}

/** Discord also refuses empty texts. */
function cut(text: string): string {
  return shorten(text, MAX_TEXT) || '…';
}

/** The same for equal commands of one application. */
export function fingerprintOf(commands: readonly object[], applicationId: string): string {
  return createHash('sha256')
    .update(JSON.stringify([applicationId, commands]))
    .digest('base64url');
}
