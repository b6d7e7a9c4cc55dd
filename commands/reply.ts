import type { Outreach } from '../src/contracts/chat.js';
import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { HandOver } from '../src/contracts/hand-over.js';
import { lastMessages } from '../src/lib/text/conversation-lines.js';
import { personIn } from './shared/waiting.js';

/** Answers a person once: with the given message, or else with whatever is written next. */
export const reply = defineCommand({
  name: 'reply',
  audience: 'staff',
  description: 'command.reply.description',
  options: {
    conversation: { type: 'conversation', required: true, description: 'command.option.conversation' },
    message: { type: 'text', multiline: true, description: 'command.takeover.message' },
  },
  async run(
    context: CommandContext<{ readonly outreach: Outreach; readonly handOver: HandOver }>,
    { conversation, message },
  ) {
    const { t, scope, services, eventKey, contact } = context;
    const name = await personIn(context, conversation);
    if (message === undefined) {
      const desk = { conversation: context.conversation, contact };
      await services.handOver.take(scope, conversation, desk, { once: true });
      const text = t('command.reply.write', { name });
      return { text: `${text}\n\n${await lastMessages(scope, conversation, name, t)}` };
    }
    const origin = { type: 'staff', contactId: contact.id } as const;
    await services.outreach.say(scope, conversation.id, eventKey, message, 'human', origin);
    return { text: t('command.reply.sent', { name }) };
  },
});
