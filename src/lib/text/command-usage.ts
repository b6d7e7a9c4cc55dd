import type { Command, CommandAction, CommandOption } from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';

/** The syntax of a command or subcommand, with one line per option. */
export function commandUsage(command: Command<never>, subcommand: string | undefined, t: Translate): string {
  const { subcommands = {} } = command;
  const one = subcommand === undefined ? undefined : subcommands[subcommand];
  if (one !== undefined) return formAndOptions(`/${command.name} ${subcommand ?? ''}`, one, t);
  const ownForm = formAndOptions(`/${command.name}`, command, t);
  const others = Object.entries(subcommands)
    .filter(([, { unlisted }]) => unlisted !== true)
    .map(([name, action]) => `- ${formOf(`/${command.name} ${name}`, action)}: ${t(action.description)}`);
  return [ownForm, ...others].join('\n');
}

function formAndOptions(name: string, action: CommandAction<never>, t: Translate): string {
  const options = listedOptions(action).map(([option, definition]) => {
    const values = definition.type === 'choice' ? ` (${choicesOf(definition)})` : '';
    return `- ${option}${values}: ${t(definition.description)}`;
  });
  return [formOf(name, action), ...options].join('\n');
}

/** `/teach <question> | <answer>`; optional parts are in square brackets. */
function formOf(name: string, action: CommandAction<never>): string {
  const options = listedOptions(action);
  const words = options.map(([option, definition], index) => {
    const word = definition.required === true ? `<${option}>` : `[${option}]`;
    const next = options[index + 1]?.[1];
    return definition.type === 'text' && definition.until === '|' && next?.type === 'text'
      ? `${word} |`
      : word;
  });
  return `\`${[name, ...words].join(' ')}\``;
}

function choicesOf({ choices }: Extract<CommandOption, { readonly type: 'choice' }>): string {
  return choices.map(({ value }) => value).join(', ');
}

function listedOptions({ options }: CommandAction<never>): readonly (readonly [string, CommandOption])[] {
  return Object.entries(options).filter(([, option]) => option.unlisted !== true);
}
