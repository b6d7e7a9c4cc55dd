import type { Command, CommandContext, CommandReply } from '../../src/contracts/command.js';
import type { Conversation } from '../../src/contracts/stores.js';
import { conversationNotFound, targetConversation } from './target-conversation.js';

/** A staff command whose only argument is the conversation it is about; this one when absent. */
export function conversationCommand<Services = unknown>(
  definition: Omit<Command, 'audience' | 'run'>,
  act: (context: CommandContext<Services>, target: Conversation) => Promise<CommandReply>,
): Command<Services> {
  return {
    ...definition,
    audience: 'staff',
    async run(context) {
      const target = await targetConversation(context, context.argumentText);
      return target ? act(context, target) : conversationNotFound(context, context.argumentText);
    },
  };
}
