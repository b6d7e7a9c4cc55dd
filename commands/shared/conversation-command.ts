import {
  defineCommand,
  type Command,
  type CommandContext,
  type CommandReply,
} from '../../src/contracts/command.js';
import type { Conversation } from '../../src/contracts/stores.js';

/** A staff command whose only option is a conversation; defaults to the current one. */
export function conversationCommand<Services = unknown>(
  definition: Pick<Command, 'name' | 'description'>,
  act: (context: CommandContext<Services>, target: Conversation) => Promise<CommandReply>,
): Command<Services> {
  return defineCommand({
    ...definition,
    audience: 'staff',
    options: { conversation: { type: 'conversation', description: 'command.option.thisConversation' } },
    run: (context: CommandContext<Services>, { conversation = context.conversation }) =>
      act(context, conversation),
  });
}
