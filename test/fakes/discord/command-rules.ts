import { DiscordRefusal, invalidForm } from './discord-refusal.js';
import type { Json } from './types.js';

const MAX_COMMANDS = 100;
const MAX_OPTIONS = 25;
const MAX_CHARACTERS = 8_000;
const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const LOCALES = [
  'id',
  'da',
  'de',
  'en-GB',
  'en-US',
  'es-ES',
  'es-419',
  'fr',
  'hr',
  'it',
  'lt',
  'hu',
  'nl',
  'no',
  'pl',
  'pt-BR',
  'ro',
  'fi',
  'sv-SE',
  'vi',
  'tr',
  'cs',
  'el',
  'bg',
  'ru',
  'uk',
  'hi',
  'th',
  'zh-CN',
  'ja',
  'zh-TW',
  'ko',
];

/** Rejects lists of slash commands that Discord would refuse. */
export function checkCommands(commands: readonly Json[]): void {
  if (commands.length > MAX_COMMANDS)
    throw new DiscordRefusal(400, 30032, 'Maximum number of application commands reached (100)');
  const names = new Set<unknown>();
  for (const [index, command] of commands.entries()) {
    check(command, String(index), { isCommand: true, depth: 0 });
    if (names.has(command['name']))
      throw invalidForm(`${index}`, 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Names must be unique');
    names.add(command['name']);
    const characters = charactersOf(command);
    if (characters > MAX_CHARACTERS)
      throw invalidForm(`${index}`, 'APPLICATION_COMMAND_TOO_LARGE', 'Command exceeds maximum size (8000)');
  }
}

function check(item: Json, place: string, { isCommand, depth }: { isCommand: boolean; depth: number }): void {
  const { name, description, options, choices, type = 1 } = item;
  if (typeof name !== 'string' || !NAME.test(name) || name !== name.toLowerCase())
    throw invalidForm(`${place}.name`, 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
  if (typeof description !== 'string' || description.length < 1 || description.length > 100)
    throw invalidForm(`${place}.description`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 100 in length.');
  checkLocalizations(item['name_localizations'], `${place}.name_localizations`, (text) => NAME.test(text));
  checkLocalizations(
    item['description_localizations'],
    `${place}.description_localizations`,
    (text) => text.length >= 1 && text.length <= 100,
  );
  if (!isCommand && ![1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].includes(type as number))
    throw invalidForm(`${place}.type`, 'BASE_TYPE_CHOICES', 'Unknown type.');
  if (choices !== undefined) checkOptionChoices(choices as Json[], place, item['autocomplete'] === true);
  if (options !== undefined) checkOptions(options as Json[], place, depth);
}

function checkOptions(options: readonly Json[], place: string, depth: number): void {
  if (depth > 2) throw invalidForm(`${place}.options`, 'BASE_TYPE_CHOICES', 'Nested too deep.');
  if (options.length > MAX_OPTIONS)
    throw invalidForm(`${place}.options`, 'BASE_TYPE_BAD_LENGTH', 'Must be 25 or fewer in length.');
  const groups = options.filter(({ type }) => type === 1 || type === 2).length;
  if (groups > 0 && groups < options.length)
    throw invalidForm(
      `${place}.options`,
      'APPLICATION_COMMAND_OPTIONS_TYPE_INVALID',
      'Sub-commands and other options are exclusive',
    );
  let optional = false;
  const names = new Set<unknown>();
  for (const [index, option] of options.entries()) {
    check(option, `${place}.options.${index}`, { isCommand: false, depth: depth + 1 });
    if (option['required'] === true && optional)
      throw invalidForm(
        `${place}.options.${index}`,
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    optional ||= option['required'] !== true;
    if (names.has(option['name']))
      throw invalidForm(
        `${place}.options.${index}`,
        'APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS',
        'Option name already exists',
      );
    names.add(option['name']);
  }
}

function checkOptionChoices(choices: readonly Json[], place: string, isAutocomplete: boolean): void {
  if (isAutocomplete)
    throw invalidForm(`${place}.choices`, 'APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES', 'Exclusive');
  if (choices.length > 25)
    throw invalidForm(`${place}.choices`, 'BASE_TYPE_BAD_LENGTH', 'Must be 25 or fewer in length.');
  if (new Set(choices.map(({ name }) => name)).size < choices.length)
    throw invalidForm(
      `${place}.choices`,
      'APPLICATION_COMMAND_OPTION_CHOICE_NAME_ALREADY_EXISTS',
      'Choice name already exists',
    );
  for (const { name } of choices) {
    if (typeof name !== 'string' || name.length < 1 || name.length > 100)
      throw invalidForm(
        `${place}.choices.0.name`,
        'BASE_TYPE_BAD_LENGTH',
        'Must be between 1 and 100 in length.',
      );
  }
}

function checkLocalizations(value: unknown, place: string, isGood: (text: string) => boolean): void {
  for (const [locale, text] of Object.entries((value ?? {}) as Record<string, string>)) {
    if (!LOCALES.includes(locale)) throw invalidForm(place, 'DICT_TYPE_CONVERT', `Unknown locale ${locale}`);
    if (!isGood(text)) throw invalidForm(`${place}.${locale}`, 'BASE_TYPE_BAD_LENGTH', 'Bad text.');
  }
}

/**
 * Length of all names, descriptions and values of a command and everything nested in it; of localizations,
 * only the longest counts.
 */
function charactersOf(item: Json): number {
  const longest = (field: string): number =>
    Math.max(
      ((item[field] as string | undefined) ?? '').length,
      ...Object.values((item[`${field}_localizations`] ?? {}) as Record<string, string>).map(
        ({ length }) => length,
      ),
    );
  const own = longest('name') + longest('description');
  const values = ((item['choices'] ?? []) as Json[]).reduce(
    (sum, { name, value }) => sum + String(name).length + String(value).length,
    0,
  );
  return (
    own + values + ((item['options'] ?? []) as Json[]).reduce((sum, option) => sum + charactersOf(option), 0)
  );
}
