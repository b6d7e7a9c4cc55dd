import type { Command } from 'commander';
import type { MessageKey, Translate } from '../contracts/i18n.js';

/** Headings of a help page, in the library's English. */
const HEADINGS: ReadonlyMap<string, MessageKey> = new Map([
  ['Usage:', 'cli.help.usage'],
  ['Arguments:', 'cli.help.arguments'],
  ['Options:', 'cli.help.options'],
  ['Commands:', 'cli.help.commands'],
]);

/** Complaints about wrong use, in the library's English, and the texts that take their named parts. */
const COMPLAINTS: readonly (readonly [pattern: RegExp, key: MessageKey])[] = [
  [/^error: unknown command '(?<name>.*)'$/, 'cli.use.unknownCommand'],
  [/^error: unknown option '(?<name>.*)'$/, 'cli.use.unknownOption'],
  [/^error: missing required argument '(?<name>.*)'$/, 'cli.use.missingArgument'],
  [/^error: option '(?<name>.*)' argument missing$/, 'cli.use.missingValue'],
  [/^error: required option '(?<name>.*)' not specified$/, 'cli.use.missingOption'],
  [/^error: too many arguments.* Expected (?<expected>\d+) argument.*$/, 'cli.use.tooMany'],
  [
    /^error: option '(?<name>.*)' argument '(?<value>.*)' is invalid\. Allowed choices are (?<choices>.*)\.$/,
    'cli.use.wrongChoice',
  ],
];
const SUGGESTION = /^\(Did you mean (?:one of )?(?<names>.*)\?\)$/;

/** Has a command and its subcommands print help and complaints in the chosen language. */
export function inLanguage(command: Command, t: Translate): Command {
  for (const subcommand of command.commands) inLanguage(subcommand, t);
  if (command.commands.length > 0) command.helpCommand('help [command]', t('cli.help'));
  return command
    .helpOption('-h, --help', t('cli.help'))
    .configureHelp({ styleTitle: (title) => translatedHeading(title, t) })
    .configureOutput({ outputError: (text, write) => write(translatedComplaint(text, t)) });
}

function translatedHeading(title: string, t: Translate): string {
  const key = HEADINGS.get(title);
  return key === undefined ? title : t(key);
}

function translatedComplaint(text: string, t: Translate): string {
  return text
    .split('\n')
    .map((line) => {
      const names = SUGGESTION.exec(line)?.groups?.['names'];
      if (names !== undefined) return t('cli.use.nearest', { names });
      for (const [pattern, key] of COMPLAINTS) {
        const parts = pattern.exec(line)?.groups;
        if (parts !== undefined) return t(key, { ...parts, expected: Number(parts['expected']) });
      }
      return line;
    })
    .join('\n');
}
