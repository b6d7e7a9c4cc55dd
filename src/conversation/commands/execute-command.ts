import type { Command, CommandAction, CommandContext, CommandReply } from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';
import { commandUsage } from '../../lib/text/command-usage.js';
import { excerpt, quote } from '../../lib/text/excerpt.js';
import { fitsButton } from '../../lib/text/fits-button.js';
import { shortId } from '../../lib/ids/short-id.js';
import { chooseAction, type ChosenAction } from './choose-action.js';
import { findRecords } from './find-records.js';
import { problemText } from './problem-text.js';
import { readOptions, type FindRecords, type GivenOptions, type OptionProblem } from './read-options.js';

/** What a person typed after a command's name, or filled in where the platform asked for each option. */
export interface GivenCommand extends GivenOptions {
  readonly subcommand?: string;
}

type UnknownChoice = Extract<ChosenAction, { readonly type: 'unknown' }>;

/** Longest word echoed back to the person. */
const SHOWN_WORD = 40;
/** Longest line that is offered instead. */
const SHOWN_LINE = 80;

/** Parses the options and runs the command; wrong use shows the usage and the closest valid form. */
export async function executeCommand(
  command: Command,
  call: GivenCommand,
  context: CommandContext,
): Promise<CommandReply> {
  const { t } = context;
  const choice = chooseAction(command, call);
  const find = findRecords(context.scope, context.conversation);
  if (choice.type === 'unknown') {
    const line = await lineToSet(command, choice, call, find);
    if (line !== undefined) return suggestSet(command, line, choice.typed, t);
    return unknownSubcommand(command, choice, call, context);
  }
  const { action, subcommand, argumentText } = choice;
  const read = await readOptions(action.options, { ...call, argumentText }, find);
  const usage = commandUsage(command, subcommand, t);
  if (read.type === 'problem' && read.problem.type === 'several') {
    return whichOne([command.name, ...(subcommand === undefined ? [] : [subcommand])], read.problem, t);
  }
  if (read.type === 'problem') return wrongUse(t, problemText(read.problem, t), usage);
  return (await action.run(context, read.values)) ?? wrongUse(t, t('commandProblem.unclear'), usage);
}

function unknownSubcommand(
  command: Command,
  { typed, suggestion }: UnknownChoice,
  call: GivenCommand,
  { t }: CommandContext,
): CommandReply {
  const label = quote(typed, SHOWN_WORD);
  if (suggestion === undefined) {
    return wrongUse(t, t('commandProblem.notAChoice', { typed: label }), commandUsage(command, undefined, t));
  }
  const form = `/${command.name} ${suggestion}`;
  const line = `${form}${call.argumentText.trim().slice(typed.length)}`;
  const problem = t('commandProblem.didYouMean', { typed: label, meant: form });
  return { ...wrongUse(t, problem, commandUsage(command, suggestion, t)), buttons: runButton(line, form) };
}

/** `/persona Be kind` probably means `/persona set Be kind`. */
async function lineToSet(
  { name, subcommands = {} }: Command,
  { typed, suggestion }: UnknownChoice,
  call: GivenCommand,
  find: FindRecords,
): Promise<string | undefined> {
  const { set } = subcommands;
  const text = call.argumentText.trim();
  // A slip of one word, or of a word before words it takes.
  const isSlip =
    suggestion !== undefined && (text.length === typed.length || takesOptions(subcommands[suggestion]));
  if (set === undefined || isSlip || call.subcommand !== undefined) return undefined;
  const read = await readOptions(set.options, call, find);
  return read.type === 'values' ? `/${name} set ${text}` : undefined;
}

function takesOptions(action: CommandAction | undefined): boolean {
  return Object.keys(action?.options ?? {}).length > 0;
}

function suggestSet(command: Command, line: string, typed: string, t: Translate): CommandReply {
  const problem = t('commandProblem.didYouMean', {
    typed: quote(typed, SHOWN_WORD),
    meant: excerpt(line, SHOWN_LINE).replaceAll('`', "'"),
  });
  const reply = wrongUse(t, problem, commandUsage(command, 'set', t));
  return fitsButton(line) ? { ...reply, buttons: runButton(line, line) } : reply;
}

/** Several people share the name: offers the same line with each of them, if a button can hold it. */
function whichOne(
  words: readonly string[],
  problem: Extract<OptionProblem, { readonly type: 'several' }>,
  t: Translate,
): CommandReply {
  const people = problem.contacts.map(({ id, name = '', phone, email }) => ({
    id: shortId(id),
    label: [name, phone ?? email].filter((part) => part !== undefined && part !== '').join(' · '),
  }));
  const lines = people.map(({ id, label }) => `- ${quote(label, SHOWN_WORD)} · \`${id}\``);
  const buttons = people.flatMap(({ id, label }) => {
    const action = `/${[...words, id, problem.rest].join(' ').trim()}`;
    return fitsButton(action) ? [[{ label: excerpt(label, SHOWN_WORD), action }]] : [];
  });
  return { text: [problemText(problem, t), ...lines].join('\n'), buttons };
}

function wrongUse(t: Translate, problem: string, usage: string): CommandReply {
  return { text: t('command.wrongUse', { problem, usage }) };
}

/** A button that runs the line or, if it is too long for a button, the beginning of the line. */
export function runButton(line: string, beginning: string): NonNullable<CommandReply['buttons']> {
  const action = fitsButton(line) ? line : beginning;
  return [[{ label: action, action }]];
}
