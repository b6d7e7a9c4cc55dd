import type { Command, CommandAction } from '../../contracts/command.js';
import { nearest } from './nearest.js';

export type ChosenAction =
  | {
      readonly type: 'action';
      readonly action: CommandAction;
      readonly subcommand: string | undefined;
      /** The remaining text, for its options. */
      readonly argumentText: string;
    }
  /** The first word is no subcommand, and the command itself takes no arguments. */
  | { readonly type: 'unknown'; readonly typed: string; readonly suggestion: string | undefined };

/**
 * Decides which part of a command is meant: the subcommand named at the start of the line, or the command
 * itself.
 */
export function chooseAction(
  command: Command,
  call: { readonly subcommand?: string; readonly argumentText: string },
): ChosenAction {
  const { subcommands = {} } = command;
  const [, word = '', rest = ''] = /^\s*(\S*)\s*(.*)$/s.exec(call.argumentText) ?? [];
  const name = call.subcommand ?? word.toLowerCase();
  const action = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (action !== undefined) return { type: 'action', action, subcommand: name, argumentText: rest };
  const takesWords = Object.keys(command.options).length > 0 || Object.keys(subcommands).length === 0;
  if (call.subcommand === undefined && (takesWords || name === '')) {
    return { type: 'action', action: command, subcommand: undefined, argumentText: call.argumentText };
  }
  const suggestion = nearest(name, listedNames(subcommands));
  const { otherwise = '' } = command;
  const usual = Object.hasOwn(subcommands, otherwise) ? subcommands[otherwise] : undefined;
  // A typo is a single word such as "lst"; a longer line is meant for the default action.
  const isSlip = suggestion !== undefined && rest === '';
  if (usual === undefined || call.subcommand !== undefined || isSlip) {
    return { type: 'unknown', typed: name, suggestion };
  }
  return { type: 'action', action: usual, subcommand: otherwise, argumentText: call.argumentText };
}

function listedNames(subcommands: NonNullable<Command['subcommands']>): readonly string[] {
  return Object.entries(subcommands).flatMap(([name, { unlisted }]) => (unlisted === true ? [] : [name]));
}
