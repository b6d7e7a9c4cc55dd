import type { CommandMenuEntry, MenuOption } from '../../contracts/channel.js';
import type { Command, CommandAction, CommandOption } from '../../contracts/command.js';
import type { I18n, MessageKey } from '../../contracts/i18n.js';
import { hasSuggestions } from './suggest-values.js';

type Texts = CommandMenuEntry['description'];
type TextsOf = (key: MessageKey) => Texts;

/** The listed commands as platforms display and register them, in each language. */
export function commandMenu(commands: readonly Command[], i18n: I18n): readonly CommandMenuEntry[] {
  const textsOf: TextsOf = (key) => ({ en: i18n.translator('en')(key), id: i18n.translator('id')(key) });
  return commands
    .filter(({ unlisted }) => unlisted !== true)
    .map((command) => ({
      ...menuAction(command.name, command, textsOf),
      audience: command.audience,
      subcommands: Object.entries(command.subcommands ?? {})
        .filter(([, { unlisted }]) => unlisted !== true)
        .map(([name, action]) => menuAction(name, action, textsOf)),
    }));
}

function menuAction(
  name: string,
  action: CommandAction,
  textsOf: TextsOf,
): Pick<CommandMenuEntry, 'name' | 'description' | 'options'> {
  return {
    name,
    description: textsOf(action.description),
    options: Object.entries(action.options)
      .filter(([, { unlisted }]) => unlisted !== true)
      // Platforms want required options first; typed lines have their own order.
      .toSorted(([, a], [, b]) => Number(b.required === true) - Number(a.required === true))
      .map(([optionName, option]) => ({
        name: optionName,
        type: option.type,
        description: textsOf(option.description),
        required: option.required ?? false,
        suggests: hasSuggestions(action, optionName),
        ...limitsOf(option, textsOf),
      })),
  };
}

/** Limits a platform can check while the person types. */
function limitsOf(option: CommandOption, textsOf: TextsOf): Partial<MenuOption> {
  switch (option.type) {
    case 'text': {
      const { maxLength, multiline } = option;
      return {
        ...(maxLength === undefined ? {} : { maxLength }),
        ...(multiline === undefined ? {} : { multiline }),
      };
    }
    case 'integer':
    case 'number': {
      const { min, max } = option;
      return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
    }
    case 'choice':
      return { choices: option.choices.map(({ value, label }) => ({ value, label: textsOf(label) })) };
    case 'file':
      return option.many === undefined ? {} : { many: option.many };
    case 'boolean':
    case 'contact':
    case 'conversation':
      return {};
    default: {
      const unexpected: never = option;
      return unexpected;
    }
  }
}
