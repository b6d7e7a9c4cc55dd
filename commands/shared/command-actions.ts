import type { Command, CommandContext, CommandReply } from '../../src/contracts/command.js';
import { splitWord } from './split-text.js';

/** One action of a command, e.g. `list` of `/kb list`. `undefined`: wrongly used. */
export type CommandAction<Services> = (
  context: CommandContext<Services>,
  rest: string,
) => Promise<CommandReply | undefined>;

/** A command whose first word chooses what it does; without a word it does `whenBare`. */
export function commandWithActions<Services>(
  definition: Omit<Command, 'run'>,
  actions: Readonly<Record<string, CommandAction<Services>>>,
  whenBare: CommandAction<Services>,
): Command<Services> {
  return {
    ...definition,
    async run(context) {
      const { word, rest } = splitWord(context.argumentText);
      const name = word.toLowerCase();
      const action = name === '' ? whenBare : Object.hasOwn(actions, name) ? actions[name] : undefined;
      return (await action?.(context, rest)) ?? wrongUse(context, definition);
    },
  };
}

/** What a person reads who wrote the command in a way it does not understand. */
export function wrongUse({ t }: CommandContext, { usage }: Pick<Command, 'usage'>): CommandReply {
  return { text: t('command.wrongUse', { usage: t(usage) }) };
}
